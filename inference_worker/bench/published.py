"""The published code as modules, from the checkout that SAM2_REPO names. Nothing of it is kept here.

Its packages hydra, iopath and torchvision are not needed for what is run: the modules are built
directly, and images are given as tensors.
"""

from __future__ import annotations

import importlib
import sys
import types
from pathlib import Path
from typing import Any

from inference_worker.engines.sam2.configs import STRIDE, Architecture

_EAGER = "SAM2VideoPredictor"


def take_checkout(repository: Path) -> None:
    """Makes `sam2` importable from the checkout. Raises FileNotFoundError where it is none."""
    package = repository / "sam2"
    if not (package / "sam2_video_predictor.py").exists():
        raise FileNotFoundError(
            f"{repository} is no checkout of facebookresearch/sam2: set SAM2_REPO to one."
        )
    if "sam2" not in sys.modules:
        _stand_in("sam2").__path__ = [str(package)]  # its own __init__ wants hydra
        _stand_in("iopath")
        _stand_in("iopath.common")
        _stand_in("iopath.common.file_io").g_pathmgr = None


def published_module(name: str) -> Any:
    """A module of the checkout, by its name within the package `sam2`."""
    return importlib.import_module(f"sam2.{name}")


def published_predictor(architecture: Architecture, *, compiled: bool = False, **settings: Any) -> Any:
    """The published video predictor with whatever weights its modules begin with, float32, on the CPU.

    compiled: as its builder's `vos_optimized` makes it.
    """
    if compiled:
        settings = {**settings, "compile_image_encoder": True}
    kind = "SAM2VideoPredictorVOS" if compiled else _EAGER
    return _modules(architecture, kind, **_postprocessing(), **settings).eval()


def published_shapes(architecture: Architecture) -> dict[str, tuple[int, ...]]:
    """Name and shape of each tensor of the published modules."""
    return {name: tuple(tensor.shape) for name, tensor in _modules(architecture).state_dict().items()}


def _modules(architecture: Architecture, kind: str = _EAGER, **settings: Any) -> Any:
    return getattr(published_module("sam2_video_predictor"), kind)(
        image_encoder=_image_encoder(architecture),
        memory_attention=_memory_attention(architecture),
        memory_encoder=_memory_encoder(architecture),
        image_size=architecture.image_size,
        **_configured(architecture.timed_pointers),
        **settings,
    )


def _stand_in(name: str) -> Any:
    sys.modules[name] = types.ModuleType(name)
    return sys.modules[name]


def _configured(timed: bool) -> dict[str, Any]:
    """The published configuration files, which differ between the two generations in `timed`."""
    yes = (
        "use_mask_input_as_output_without_sam directly_add_no_mem_embed use_high_res_features_in_sam "
        "multimask_output_in_sam iou_prediction_use_sigmoid use_obj_ptrs_in_encoder "
        "only_obj_ptrs_in_the_past_for_eval pred_obj_scores pred_obj_scores_mlp fixed_no_obj_ptr "
        "multimask_output_for_tracking use_multimask_token_for_obj_ptr use_mlp_for_obj_ptr_proj"
    )
    second = "no_obj_embed_spatial add_tpos_enc_to_obj_ptrs proj_tpos_enc_in_obj_ptrs use_signed_tpos_enc_to_obj_ptrs"
    return {
        **dict.fromkeys(yes.split(), True),
        **dict.fromkeys(second.split(), timed),
        "num_maskmem": 7,
        "sigmoid_scale_for_mem_enc": 20.0,
        "sigmoid_bias_for_mem_enc": -10.0,
        "multimask_min_pt_num": 0,
        "multimask_max_pt_num": 1,
    }


def _postprocessing() -> dict[str, Any]:
    """What the published builder adds by default, without filling holes: that needs its CUDA kernel."""
    return {
        "sam_mask_decoder_extra_args": {
            "dynamic_multimask_via_stability": True,
            "dynamic_multimask_stability_delta": 0.05,
            "dynamic_multimask_stability_thresh": 0.98,
        },
        "binarize_mask_from_pts_for_mem_enc": True,
        "fill_hole_area": 0,
    }


def _positions(channels: int) -> Any:
    position_encoding = published_module("modeling.position_encoding")

    return position_encoding.PositionEmbeddingSine(
        num_pos_feats=channels, normalize=True, scale=None, temperature=10000
    )


def _image_encoder(architecture: Architecture) -> Any:
    hieradet = published_module("modeling.backbones.hieradet")
    image_encoder = published_module("modeling.backbones.image_encoder")

    trunk = hieradet.Hiera(
        embed_dim=architecture.embed_dim,
        num_heads=architecture.heads,
        stages=architecture.blocks,
        global_att_blocks=architecture.global_blocks,
        window_pos_embed_bkg_spatial_size=(architecture.background, architecture.background),
        window_spec=architecture.windows,
    )
    neck = image_encoder.FpnNeck(
        position_encoding=_positions(architecture.hidden_size),
        d_model=architecture.hidden_size,
        backbone_channel_list=trunk.channel_list,
        fpn_top_down_levels=[2, 3],
        fpn_interp_model="nearest",
    )
    return image_encoder.ImageEncoder(scalp=1, trunk=trunk, neck=neck)


def _memory_attention(architecture: Architecture) -> Any:
    memory_attention = published_module("modeling.memory_attention")
    transformer = published_module("modeling.sam.transformer")

    channels, side = architecture.hidden_size, architecture.image_size // STRIDE

    def attention(**more: Any) -> Any:
        return transformer.RoPEAttention(
            rope_theta=10000.0,
            feat_sizes=[side, side],
            embedding_dim=channels,
            num_heads=1,
            downsample_rate=1,
            dropout=0.1,
            **more,
        )

    layer = memory_attention.MemoryAttentionLayer(
        activation="relu",
        dim_feedforward=2048,
        dropout=0.1,
        pos_enc_at_attn=False,
        self_attention=attention(),
        d_model=channels,
        pos_enc_at_cross_attn_keys=True,
        pos_enc_at_cross_attn_queries=False,
        cross_attention=attention(rope_k_repeat=True, kv_in_dim=64),
    )
    return memory_attention.MemoryAttention(
        d_model=channels, pos_enc_at_input=True, layer=layer, num_layers=4
    )


def _memory_encoder(architecture: Architecture) -> Any:
    memory_encoder = published_module("modeling.memory_encoder")

    channels = architecture.hidden_size
    block = memory_encoder.CXBlock(
        dim=channels, kernel_size=7, padding=3, layer_scale_init_value=1e-6, use_dwconv=True
    )
    return memory_encoder.MemoryEncoder(
        out_dim=64,
        position_encoding=_positions(64),
        mask_downsampler=memory_encoder.MaskDownSampler(
            embed_dim=channels, kernel_size=3, stride=2, padding=1
        ),
        fuser=memory_encoder.Fuser(block, num_layers=2),
        in_dim=channels,
    )
