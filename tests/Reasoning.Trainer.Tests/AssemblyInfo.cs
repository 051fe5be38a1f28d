// Runs share the cores and count live tensors of the whole process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
