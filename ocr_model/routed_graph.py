"""One ONNX graph of two: the router looks at every image, and each network reads those that are its own.

Each network is a branch of an ``If`` that is entered only where it has images, so that an image costs one network and
the router. ONNX Runtime cannot run a recurrent network on no images at all: it ends the process.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper
from onnx.compose import add_prefix

from ocr_model.errors import CheckpointError
from ocr_model.graph_names import ASKED_NAME, EXPERT_NAME, INPUT_NAME, OUTPUT_NAME
from ocr_model.network_config import TIME_STEPS
from ocr_model.routed_network import ABSENT

_GENERAL, _EXPERT, _ROUTER = "general", "expert", "router"


def compose(general: bytes, expert: Path, router: Path, path: Path, *, classes: tuple[int, int]) -> None:
    """Write the graph of a `RoutedRecogniser`: input and output of a plain one's, who is asked to read, and who read.

    Args:
        general: graph of the general network, or a composed one: its general part is taken over as it is.
        expert: graph of the expert.
        router: graph of the router: (N,) scores.
        path: the file to write; may be one of the others.
        classes: of the general network and of the expert.

    Raises:
        CheckpointError: the graphs are of different versions of ONNX's operators.
    """
    before, learnt = onnx.load_from_string(general), onnx.load(expert)
    if _opset(before) != _opset(learnt):
        raise CheckpointError("The serving model's graph is of another opset than this program writes.")
    look = add_prefix(onnx.load(router), f"{_ROUTER}/", rename_inputs=False).graph
    nodes = [
        *look.node,
        *_sorted_by(look.output[0].name),
        _entered_if_any(_GENERAL, _branch(before, _GENERAL), classes[0]),
        _entered_if_any(_EXPERT, _branch(learnt, _EXPERT), classes[1]),
        *_together(),
    ]
    constants = [*look.initializer, *_constants(*classes)]
    asked = helper.make_tensor_value_info(ASKED_NAME, TensorProto.BOOL, ["asked"])
    by_expert = helper.make_tensor_value_info(EXPERT_NAME, TensorProto.BOOL, ["n"])
    graph = helper.make_graph(
        nodes, "routed", [*learnt.graph.input, asked], [*learnt.graph.output, by_expert], constants
    )
    model = helper.make_model(graph, opset_imports=learnt.opset_import, ir_version=learnt.ir_version)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _opset(model: ModelProto) -> int:
    return next(int(each.version) for each in model.opset_import if not each.domain)


def _branch(model: ModelProto, name: str) -> GraphProto:
    """Give a network as a branch, which takes its images from around it, as ``NAME/images``."""
    own = next((node for node in model.graph.node if node.name == name), None)
    if own is not None:
        entered: GraphProto = next(each.g for each in own.attribute if each.name == "then_branch")
        return entered
    graph: GraphProto = add_prefix(model, f"{name}/").graph
    del graph.input[:]
    return graph


def _sorted_by(scores: str) -> list[NodeProto]:
    """Set the images apart, and count each network's."""
    node = helper.make_node
    nodes = [
        node("Greater", [scores, "zero"], ["by_router"]),
        node("Or", ["by_router", ASKED_NAME], [EXPERT_NAME]),
        node("Not", [EXPERT_NAME], ["by_general"]),
    ]
    for name, mask in ((_GENERAL, "by_general"), (_EXPERT, EXPERT_NAME)):
        nodes += [
            node("NonZero", [mask], [f"{name}/rows_2d"]),
            node("Squeeze", [f"{name}/rows_2d", "axis_0"], [f"{name}/rows"]),
            node("Gather", [INPUT_NAME, f"{name}/rows"], [f"{name}/{INPUT_NAME}"], axis=0),
            node("Size", [f"{name}/rows"], [f"{name}/count"]),
            node("Greater", [f"{name}/count", "none"], [f"{name}/any"]),
        ]
    return nodes


def _entered_if_any(name: str, graph: GraphProto, classes: int) -> NodeProto:
    """Give the node that runs a network on its images, or gives no answers to none."""
    nothing = numpy_helper.from_array(np.zeros((0, TIME_STEPS, classes), np.float32))
    shape = helper.make_tensor_value_info(f"{name}/nothing", TensorProto.FLOAT, [None, TIME_STEPS, classes])
    otherwise = helper.make_graph(
        [helper.make_node("Constant", [], [shape.name], value=nothing)], f"no {name}", [], [shape]
    )
    return helper.make_node(
        "If", [f"{name}/any"], [f"{name}/answers"], name=name, then_branch=graph, else_branch=otherwise
    )


def _together() -> list[NodeProto]:
    """Put the answers of both in the order of the images."""
    node = helper.make_node
    return [
        node("Pad", [f"{_GENERAL}/answers", "pads", "absent"], [f"{_GENERAL}/padded"]),
        node("Concat", [f"{_GENERAL}/padded", f"{_EXPERT}/answers"], ["answers"], axis=0),
        node("Concat", [f"{_GENERAL}/rows", f"{_EXPERT}/rows"], ["rows"], axis=0),
        node("Unsqueeze", ["rows", "axis_1"], ["places"]),
        node("Shape", ["answers"], ["shape"]),
        node("ConstantOfShape", ["shape"], ["room"]),
        node("ScatterND", ["room", "places", "answers"], [OUTPUT_NAME]),
    ]


def _constants(general: int, expert: int) -> list[TensorProto]:
    whole: dict[str, int | list[int]] = {
        "none": 0,
        "axis_0": [0],
        "axis_1": [1],
        "pads": [0, 0, 0, 0, 0, expert - general],
    }
    real = {"zero": 0.0, "absent": ABSENT}
    return [
        # Of the same name as an input: what that is where a run leaves it out.
        numpy_helper.from_array(np.array([False]), ASKED_NAME),
        *(numpy_helper.from_array(np.array(value, dtype=np.int64), name) for name, value in whole.items()),
        *(numpy_helper.from_array(np.array(value, dtype=np.float32), name) for name, value in real.items()),
    ]
