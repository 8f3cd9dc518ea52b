"""Speed and quality, side by side with other libraries; ``python -m benchmarks --list`` names the workloads."""
