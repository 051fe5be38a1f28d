using Reasoning.Models.Config;
using Reasoning.Models.Gguf.Codecs;

namespace Reasoning.Models.Gguf.Export;

/// <summary>
/// Which type each tensor of a file gets. Norms and biases stay in single precision; matrices get the type asked for, except that a
/// 4-bit file keeps its output head in q8_0 (llama.cpp takes q6_K there), and that rows which are no whole number of blocks fall back
/// from q4_K and q4_0 to q8_0 where they divide by 32, and to f16 where they do not.
/// </summary>
internal static class TensorTypes
{
    public static GgufTensorType Choose(ModelTensor rule, GgufTensorType type)
    {
        if (rule.Shape.Length == 1) return GgufTensorType.F32;
        GgufTensorType wanted = Wanted(rule, type);
        if (Divides(rule, wanted)) return wanted;
        return Divides(rule, GgufTensorType.Q8_0) ? GgufTensorType.Q8_0 : GgufTensorType.F16;
    }

    /// <summary>Whether a tensor's type is a fallback, because its rows are no whole number of blocks.</summary>
    public static bool IsFallback(ModelTensor rule, GgufTensorType type) => rule.Shape.Length > 1 && !Divides(rule, Wanted(rule, type));

    private static GgufTensorType Wanted(ModelTensor rule, GgufTensorType type)
        => rule.Role == TensorRole.Head && type is GgufTensorType.Q4_0 or GgufTensorType.Q4_K ? GgufTensorType.Q8_0 : type;

    private static bool Divides(ModelTensor rule, GgufTensorType type) => rule.Shape[^1] % type.BlockElements() == 0;
}
