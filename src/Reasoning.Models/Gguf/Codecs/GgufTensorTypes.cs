namespace Reasoning.Models.Gguf.Codecs;

/// <summary>Names and sizes of the tensor types, as llama.cpp spells them.</summary>
public static class GgufTensorTypes
{
    private static readonly (GgufTensorType Type, string Name, int Elements, int Bytes)[] s_known =
    [
        (GgufTensorType.F32, "f32", 1, 4),
        (GgufTensorType.F16, "f16", 1, 2),
        (GgufTensorType.BF16, "bf16", 1, 2),
        (GgufTensorType.Q8_0, "q8_0", 32, 34),
        (GgufTensorType.Q4_0, "q4_0", 32, 18),
        (GgufTensorType.Q4_K, "q4_K", 256, 144),
        (GgufTensorType.Q6_K, "q6_K", 256, 210),
    ];

    // Types that llama.cpp writes and this program does not read, so that a refusal can name them.
    private static readonly Dictionary<uint, string> s_others = new()
    {
        [3] = "q4_1",
        [6] = "q5_0",
        [7] = "q5_1",
        [9] = "q8_1",
        [10] = "q2_K",
        [11] = "q3_K",
        [13] = "q5_K",
        [15] = "q8_K",
        [16] = "iq2_xxs",
        [17] = "iq2_xs",
        [18] = "iq3_xxs",
        [19] = "iq1_s",
        [20] = "iq4_nl",
        [21] = "iq3_s",
        [22] = "iq2_s",
        [23] = "iq4_xs",
        [24] = "i8",
        [25] = "i16",
        [26] = "i32",
        [27] = "i64",
        [28] = "f64",
        [29] = "iq1_m",
        [34] = "tq1_0",
        [35] = "tq2_0",
        [39] = "mxfp4",
    };

    /// <summary>The types that can be written, in the order in which they are offered.</summary>
    public static IReadOnlyList<GgufTensorType> Writable { get; } =
        [.. s_known.Where(entry => entry.Type != GgufTensorType.Q6_K).Select(entry => entry.Type)];

    /// <summary>The name of a type, as in <c>q4_K</c>.</summary>
    public static string Name(this GgufTensorType type) => Find(type).Name;

    /// <summary>Values in one block; a row of a tensor is a whole number of blocks.</summary>
    internal static int BlockElements(this GgufTensorType type) => Find(type).Elements;

    /// <summary>Bytes of one block.</summary>
    internal static int BlockBytes(this GgufTensorType type) => Find(type).Bytes;

    /// <summary>Bytes of a number of values, a multiple of <see cref="BlockElements"/>.</summary>
    internal static long ByteLength(this GgufTensorType type, long values) => values / type.BlockElements() * type.BlockBytes();

    /// <summary>The type of a name that can be written, in either case; null where it is none.</summary>
    public static GgufTensorType? Parse(string name)
    {
        foreach (GgufTensorType type in Writable)
        {
            if (type.Name().Equals(name, StringComparison.OrdinalIgnoreCase)) return type;
        }

        return null;
    }

    internal static bool IsKnown(uint number) => Array.Exists(s_known, entry => (uint)entry.Type == number);

    internal static string Describe(uint number) => s_others.TryGetValue(number, out string? name) ? name : $"number {number}";

    private static (GgufTensorType Type, string Name, int Elements, int Bytes) Find(GgufTensorType type)
        => s_known[Array.FindIndex(s_known, entry => entry.Type == type)];
}
