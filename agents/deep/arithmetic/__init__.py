"""Forward and backward passes: PyTorch's, and compiled ones for small dense networks.

Each compiled function computes what its counterpart in PyTorch does, which `test_passes`,
`test_acting` and `test_descent` hold it to; for a small network the calls cost more than the sums.
"""
