"""What the benchmarks of calls share: a network of their own, the servers measured, and the people in the call."""
