"""Convolutional networks, and what convolutions cost. Chapter 5."""

from rlkit.nets.convolution.layers import (
    LocallyConnected2d,
    TableConv2d,
    TrainablePooling,
    convolve2d,
)
from rlkit.nets.convolution.lenet import LENET_TABLE, FixedCodes, LeNet5, ScaledTanh
from rlkit.nets.convolution.networks import (
    Bottleneck,
    ImpalaCNN,
    Inception,
    InceptionCNN,
    NatureCNN,
    PreActivationUnit,
    ResidualCNN,
    ResidualUnit,
)
from rlkit.nets.convolution.shapes import ConvolutionShape, conv2d_shape

__all__ = [
    "LENET_TABLE",
    "Bottleneck",
    "ConvolutionShape",
    "FixedCodes",
    "ImpalaCNN",
    "Inception",
    "InceptionCNN",
    "LeNet5",
    "LocallyConnected2d",
    "NatureCNN",
    "PreActivationUnit",
    "ResidualCNN",
    "ResidualUnit",
    "ScaledTanh",
    "TableConv2d",
    "TrainablePooling",
    "conv2d_shape",
    "convolve2d",
]
