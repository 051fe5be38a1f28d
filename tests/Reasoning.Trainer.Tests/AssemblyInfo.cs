using Xunit.Sdk;
using Xunit.v3;

// Runs share the cores and count live tensors of the whole process.
[assembly: Parallelization(Mode = ParallelMode.None)]
