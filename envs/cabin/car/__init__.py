"""The physics: the laws of noise, load, risk and time, the vehicle and its road."""
