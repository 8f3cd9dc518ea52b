"""Speed and quality beside other libraries; ``python -m benchmarks --list`` names the workloads."""
