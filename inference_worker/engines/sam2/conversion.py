"""The publisher's checkpoints as weights of transformers' modules: new names for the same numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import torch

from inference_worker.engines import EngineError
from inference_worker.engines.sam2.configs import RELEASES, Release

# Applied in this order, each wherever it matches.
_RENAMED = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # A multilayer perceptron of three layers is an entry, a list and an exit; of two, no list.
        (
            r"(output_hypernetworks_mlps\.\d|iou_prediction_head|pred_obj_score_head|obj_ptr_proj)\.layers\.",
            r"\1.deep.",
        ),
        (r"\.deep\.0\.", ".proj_in."),
        (r"\.deep\.1\.", ".layers.0."),
        (r"\.deep\.2\.", ".proj_out."),
        (r"\.mlp\.layers\.0\.", ".mlp.proj_in."),
        (r"\.mlp\.layers\.1\.", ".mlp.proj_out."),
        # What stands alone.
        (r"^maskmem_tpos_enc$", "memory_temporal_positional_encoding"),
        (r"^no_mem_embed$", "no_memory_embedding"),
        (r"^no_mem_pos_enc$", "no_memory_positional_encoding"),
        (r"^no_obj_ptr$", "no_object_pointer"),
        (r"^no_obj_embed_spatial$", "occlusion_spatial_embedding_parameter"),
        (r"^obj_ptr_proj\.", "object_pointer_proj."),
        (r"^obj_ptr_tpos_proj\.", "temporal_positional_encoding_projection_layer."),
        # Image encoder.
        (r"^image_encoder\.trunk\.", "vision_encoder.backbone."),
        (r"\.patch_embed\.proj\.", ".patch_embed.projection."),
        (r"^image_encoder\.neck\.convs\.(\d)\.conv\.", r"vision_encoder.neck.convs.\1."),
        # Memory encoder, before the attention's out_proj.
        (r"^memory_encoder\.out_proj\.", "memory_encoder.projection."),
        (r"^memory_encoder\.pix_feat_proj\.", "memory_encoder.feature_projection."),
        (r"^memory_encoder\.fuser\.", "memory_encoder.memory_fuser."),
        (r"\.gamma$", ".scale"),
        (r"\.dwconv\.", ".depthwise_conv."),
        (r"\.pwconv(\d)\.", r".pointwise_conv\1."),
        (r"\.mask_downsampler\.encoder\.12\.", ".mask_downsampler.final_conv."),
        # Prompt encoder.
        (r"^sam_prompt_encoder\.mask_downscaling\.0\.", "prompt_encoder.mask_embed.conv1."),
        (r"^sam_prompt_encoder\.mask_downscaling\.1\.", "prompt_encoder.mask_embed.layer_norm1."),
        (r"^sam_prompt_encoder\.mask_downscaling\.3\.", "prompt_encoder.mask_embed.conv2."),
        (r"^sam_prompt_encoder\.mask_downscaling\.4\.", "prompt_encoder.mask_embed.layer_norm2."),
        (r"^sam_prompt_encoder\.mask_downscaling\.6\.", "prompt_encoder.mask_embed.conv3."),
        (r"^sam_prompt_encoder\.", "prompt_encoder."),
        # Mask decoder.
        (r"^sam_mask_decoder\.", "mask_decoder."),
        (r"\.output_upscaling\.0\.", ".upscale_conv1."),
        (r"\.output_upscaling\.1\.", ".upscale_layer_norm."),
        (r"\.output_upscaling\.3\.", ".upscale_conv2."),
        (r"\.norm_final_attn\.", ".layer_norm_final_attn."),
        # Everywhere.
        (r"\.norm(\d?)\.", r".layer_norm\1."),
        (r"\.out_proj\.", ".o_proj."),
    )
)
_DOWNSAMPLER = re.compile(r"\.mask_downsampler\.encoder\.(\d+)\.")  # convolution, norm, activation, ...
_POINT_LABEL = re.compile(r"^sam_prompt_encoder\.point_embeddings\.(\d)\.weight$")
_POSITIONS = "sam_prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"
_POINT_LABELS = 4


def convert(
    official: Mapping[str, torch.Tensor], wanted: Mapping[str, torch.Size]
) -> dict[str, torch.Tensor]:
    """The weights under the modules' names, every one of `wanted` in its shape and no other.

    official: the state dict of a published checkpoint. wanted: names and shapes of the modules'.
    Raises EngineError when a tensor is missing, left over or of another shape.
    """
    labels = [f"sam_prompt_encoder.point_embeddings.{label}.weight" for label in range(_POINT_LABELS)]
    absent = [label for label in labels if label not in official]
    if absent:
        raise _misfit("lacks", absent)
    found = dict(_renamed(official))
    found["prompt_encoder.point_embed.weight"] = torch.cat([official[label] for label in labels])
    if missing := sorted(wanted.keys() - found.keys()):
        raise _misfit("lacks", missing)
    if extra := sorted(found.keys() - wanted.keys()):
        raise _misfit("has more than the model:", extra)
    if other := [name for name, tensor in found.items() if tensor.shape != wanted[name]]:
        raise _misfit("has other shapes than the model:", other)
    if broken := [name for name, tensor in found.items() if not bool(torch.isfinite(tensor).all())]:
        raise _misfit("has values that are no numbers in", broken)
    # Each its own memory: safetensors writes no two names for one.
    return {name: tensor.to(torch.float32, copy=True).contiguous() for name, tensor in found.items()}


def recognised(official: Mapping[str, torch.Tensor]) -> Release:
    """The release whose architecture these weights have, fine-tuned ones too. Raises EngineError."""
    patches = official.get("image_encoder.trunk.patch_embed.proj.weight")
    blocks = {
        found[1] for name in official if (found := re.match(r"image_encoder\.trunk\.blocks\.(\d+)\.", name))
    }
    timed = "no_obj_embed_spatial" in official
    for release in RELEASES.values():
        architecture = release.architecture
        same = sum(architecture.blocks) == len(blocks) and architecture.timed_pointers == timed
        if same and patches is not None and patches.shape[0] == architecture.embed_dim:
            return release
    raise EngineError("The weights are of no model of the SAM 2 family that is known here.")


def _renamed(official: Mapping[str, torch.Tensor]) -> Iterator[tuple[str, torch.Tensor]]:
    for name, tensor in official.items():
        if name == _POSITIONS:  # one matrix, for prompts and for the image
            yield "shared_image_embedding.positional_embedding", tensor
            yield "prompt_encoder.shared_embedding.positional_embedding", tensor
        elif not _POINT_LABEL.match(name):
            yield _new_name(name), tensor


def _new_name(name: str) -> str:
    for pattern, replacement in _RENAMED:
        name = pattern.sub(replacement, name)
    return _DOWNSAMPLER.sub(_downsampler_layer, name)


def _downsampler_layer(found: re.Match[str]) -> str:
    layer, part = divmod(int(found[1]), 3)
    return f".mask_downsampler.layers.{layer}.{('conv', 'layer_norm', 'activation')[part]}."


def _misfit(what: str, names: list[str]) -> EngineError:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return EngineError(f"The checkpoint {what} {', '.join(names[:3])}{more}.")
