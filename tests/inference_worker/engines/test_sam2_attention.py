from __future__ import annotations

import pytest
import torch

from inference_worker.engines.sam2.attention import MemoryAttention
from tests.inference_worker.engines import small_sam2

SIDE, MAPS, POINTERS = 16, 3, 8  # of a map, maps remembered, tokens of pointers


@pytest.fixture
def remembered():
    drawn = torch.Generator().manual_seed(1)
    tokens = MAPS * SIDE**2 + POINTERS

    def some(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=drawn)

    return some(2, 128, SIDE, SIDE), some(2, tokens, 64), some(2, tokens, 64), some(SIDE**2, 1, 128)


@torch.inference_mode()
def by_the_module(low, tokens, positions, place):
    fused = small_sam2.modules().memory_attention(
        current_vision_features=low.flatten(2).permute(2, 0, 1),
        current_vision_position_embeddings=place,
        memory=tokens.transpose(0, 1),
        memory_posision_embeddings=positions.transpose(0, 1),
        num_object_pointer_tokens=POINTERS,
    )
    return fused.reshape(2, SIDE**2, 128).transpose(1, 2).reshape(low.shape)


@pytest.mark.parametrize("averaging", [True, False])
@torch.inference_mode()
def test_attention_gives_what_the_module_gives(remembered, averaging):
    low, tokens, positions, place = remembered
    attention = MemoryAttention(small_sam2.modules().memory_attention, place, averaging=averaging)
    assert torch.allclose(attention(low, tokens, positions, POINTERS), by_the_module(*remembered), atol=1e-4)


@torch.inference_mode()
def test_attention_loses_no_more_to_bfloat16_than_the_module_does(remembered):
    low, tokens, positions, place = remembered
    attention = MemoryAttention(small_sam2.modules().memory_attention, place, averaging=False)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        ours = attention(low, tokens.bfloat16(), positions, POINTERS)
        theirs = by_the_module(*remembered)
    precise = by_the_module(*remembered)
    lost, lost_there = ((each - precise).abs().mean() for each in (ours, theirs))
    assert 0 < lost < 1.3 * lost_there


@torch.inference_mode()
def test_keys_are_not_turned_twice(remembered):
    low, tokens, positions, place = remembered
    attention = MemoryAttention(small_sam2.modules().memory_attention, place, averaging=True)
    first, again = (attention(low, tokens, positions, POINTERS) for _ in range(2))
    assert torch.equal(first, again)
