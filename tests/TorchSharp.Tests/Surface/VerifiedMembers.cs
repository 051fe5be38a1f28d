namespace TorchSharp.Tests.Surface;

/// <summary>
/// Members of the package that torchsharp-api.txt leaves out: operators of its value types, and types that appear in
/// signatures only. Each was looked up in the sources of TorchSharp 0.107.
/// </summary>
internal static class VerifiedMembers
{
    internal static IReadOnlyDictionary<string, string[]> All { get; } = new Dictionary<string, string[]>
    {
        ["torch"] =
        [
            "static bool is_integral(torch.ScalarType type)", "static bool is_integral(Tensor t)",
            "static bool is_nonzero(Tensor input)", "static long numel(Tensor input)",
        ],
        ["Tensor"] = ["protected void Dispose(bool disposing)"],
        ["Scalar"] = [.. Conversions("Scalar", "byte", "sbyte", "short", "int", "long", "Half", "BFloat16", "float", "double", "bool")],
        ["BFloat16"] =
        [
            "static float op_Explicit(BFloat16 bf)", "static double op_Explicit(BFloat16 bf)",
            "static BFloat16 op_Explicit(float f)", "static BFloat16 op_Explicit(double d)",
            "static BFloat16 op_UnaryNegation(BFloat16 a)",
            .. Operators("BFloat16", "Addition", "Subtraction", "Multiply", "Division", "Modulus"),
            .. Operators("bool", "Equality", "Inequality", "LessThan", "GreaterThan", "LessThanOrEqual", "GreaterThanOrEqual"),
        ],
        ["TensorIndex"] =
        [
            "static TensorIndex op_Implicit(long value)", "static TensorIndex op_Implicit((int? start, int? end) range)",
            "static TensorIndex op_Implicit(Range range)", "static TensorIndex op_Implicit(Index index)",
        ],
        ["torch.Size"] = ["static torch.Size op_Implicit(long size)", "static torch.Size op_Implicit(long[] size)"],
        ["torch.Device"] = ["static torch.Device op_Implicit(string description)"],
        ["torch.FInfo"] =
        [
            "int bits", "double eps", "double max", "double min", "double tiny", "double smallest_normal", "double resolution",
        ],
        ["torch.RoundingMode"] = ["None", "trunc", "floor"],
        ["torch.nn.Reduction"] = ["None", "Mean", "Sum"],
        ["PaddingModes"] = ["Zeros", "Reflect", "Replicate", "Circular", "Constant"],
        ["GELU.Approximate"] = ["none", "tanh"],
        ["torch.optim.ILearningRateController"] = ["double LearningRate", "double InitialLearningRate"],
    };

    private static IEnumerable<string> Conversions(string target, params string[] sources)
        => sources.Select(source => $"static {target} op_Implicit({source} value)");

    private static IEnumerable<string> Operators(string result, params string[] names)
        => names.Select(name => $"static {result} op_{name}(BFloat16 a, BFloat16 b)");
}
