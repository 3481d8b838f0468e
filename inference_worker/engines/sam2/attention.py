"""Memory attention over the weights of transformers' module, in fewer passes over what is remembered.

Most of the model's time goes here. Rotary positions turn keys in place, positions are added once for
all layers, and a processor averages the 64 channels of memories instead of their 256-channel values:
a weighted mean of linear images is the linear image of the weighted mean.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

_QUERIES_AT_ONCE = 256  # of one object on a processor: their weights stay in its caches


class MemoryAttention:
    """module: Sam2VideoMemoryAttention with one head. place: h w x 1 x C, added to what is looked at.

    averaging: whether tokens are averaged instead of values; a GPU is faster with its own kernel.
    """

    def __init__(self, module: Any, place: Tensor, *, averaging: bool) -> None:
        if any(layer.cross_attn_image.num_attention_heads != 1 for layer in module.layers):
            raise ValueError("memory attention is expected to have one head")
        self._module = module
        self._averaging = averaging
        self._place = 0.1 * place[:, 0]
        cosines, sines = module.rotary_emb(place, module.position_ids)
        self._turns = torch.complex(cosines[0, :, ::2].contiguous(), sines[0, :, ::2].contiguous())
        self._means = [_of_means(layer.cross_attn_image) for layer in module.layers]

    def __call__(self, low: Tensor, tokens: Tensor, positions: Tensor, pointer_tokens: int) -> Tensor:
        """B x C x h x w features fused with B x T x channels tokens; see Model.attend."""
        seen = low.flatten(2).transpose(1, 2) + self._place
        tokens = tokens.to(seen.dtype)
        placed = tokens + positions.to(tokens.dtype)
        maps = tokens.shape[1] - pointer_tokens
        for layer, means in zip(self._module.layers, self._means, strict=True):
            seen = seen + self._itself(layer.self_attn, layer.layer_norm1(seen))
            query = self._turned(layer.cross_attn_image.q_proj(layer.layer_norm2(seen)))
            keys = layer.cross_attn_image.k_proj(placed)
            self._turn(keys[:, :maps])
            seen = seen + self._remembered(layer.cross_attn_image, means, query, keys, tokens)
            inner = layer.activation(layer.linear1(layer.layer_norm3(seen)))
            seen = seen + layer.linear2(inner)
        return self._module.layer_norm(seen).transpose(1, 2).unflatten(2, low.shape[-2:])

    def _itself(self, attention: Any, seen: Tensor) -> Tensor:
        query, key = self._turned(attention.q_proj(seen)), self._turned(attention.k_proj(seen))
        return attention.o_proj(_attended(query, key, attention.v_proj(seen)))

    def _remembered(
        self, attention: Any, means: tuple[Tensor, Tensor], query: Tensor, keys: Tensor, tokens: Tensor
    ) -> Tensor:
        if not self._averaging:
            return attention.o_proj(_attended(query, keys, attention.v_proj(tokens)))
        found = [_means(q, k, t) for q, k, t in zip(query, keys, tokens, strict=True)]
        return F.linear(torch.stack(found), *means)

    def _turn(self, keys: Tensor) -> None:
        """Rotate the keys of whole maps, in place."""
        by_map = keys.unflatten(1, (-1, len(self._turns)))
        if keys.dtype == torch.float32:
            _as_complex(by_map).mul_(self._turns)
        else:
            by_map.copy_(self._turned(by_map))

    def _turned(self, values: Tensor) -> Tensor:
        turned = _as_complex(values.float()) * self._turns
        return torch.view_as_real(turned).flatten(-2).to(values.dtype)


def _as_complex(values: Tensor) -> Tensor:
    return torch.view_as_complex(values.unflatten(-1, (-1, 2)))


def _attended(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    return F.scaled_dot_product_attention(query[:, None], key[:, None], value[:, None])[:, 0]


def _means(query: Tensor, keys: Tensor, tokens: Tensor) -> Tensor:
    query = query * keys.shape[-1] ** -0.5
    means = torch.empty(len(query), tokens.shape[-1])
    for start in range(0, len(query), _QUERIES_AT_ONCE):
        rows = slice(start, start + _QUERIES_AT_ONCE)
        torch.mm((query[rows] @ keys.T).softmax(-1), tokens, out=means[rows])
    return means


def _of_means(attention: Any) -> tuple[Tensor, Tensor]:
    """Weight and bias that make an attention's outcome of the mean of its tokens."""
    out, value = attention.o_proj, attention.v_proj
    return out.weight @ value.weight, out.weight @ value.bias + out.bias
