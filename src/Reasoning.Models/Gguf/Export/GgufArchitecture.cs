namespace Reasoning.Models;

/// <summary>What readers of GGUF files expect of each architecture, as a table.</summary>
/// <param name="Name">The value of <c>general.architecture</c> and the prefix of its keys.</param>
/// <param name="Families">Families of checkpoints that are written so; the first is what a file is read as.</param>
/// <param name="RotatesNeighbours">
/// Whether the rotation turns neighbouring dimensions of a head, not those half a head apart as in Hugging Face checkpoints, so that the
/// rows of queries and keys change places.
/// </param>
/// <param name="TakesFrequencyFactors">Whether a tensor of factors on the rotary frequencies is read (Llama 3's scaling).</param>
internal sealed record GgufArchitecture(string Name, string[] Families, bool RotatesNeighbours, bool TakesFrequencyFactors)
{
    private static readonly GgufArchitecture[] s_all =
    [
        new("llama", [ModelFamily.Llama, ModelFamily.Mistral], RotatesNeighbours: true, TakesFrequencyFactors: true),
        new("qwen2", [ModelFamily.Qwen2], RotatesNeighbours: false, TakesFrequencyFactors: false),
        new("qwen3", [ModelFamily.Qwen3], RotatesNeighbours: false, TakesFrequencyFactors: false),
        new("gemma3", [ModelFamily.Gemma3], RotatesNeighbours: false, TakesFrequencyFactors: false) { SlidingPeriod = 6 },
    ];

    /// <summary>Of how many layers one sees everything and the others slide; null where readers know no sliding window.</summary>
    public int? SlidingPeriod { get; private init; }

    /// <exception cref="UserErrorException">The family is not in the table.</exception>
    public static GgufArchitecture OfFamily(string family)
        => Array.Find(s_all, entry => entry.Families.Contains(family))
            ?? throw new UserErrorException(
                $"model type '{family}' cannot be exported to GGUF; the table has {Known(entry => entry.Families)}");

    /// <exception cref="UserErrorException">The architecture is not in the table; <paramref name="file"/> names the file.</exception>
    public static GgufArchitecture OfName(string name, string file)
        => Array.Find(s_all, entry => entry.Name == name)
            ?? throw new UserErrorException(
                JsonFile.OneLine($"{file}: architecture '{name}' is not supported; supported are {Known(entry => [entry.Name])}"));

    private static string Known(Func<GgufArchitecture, string[]> names) => string.Join(", ", s_all.SelectMany(names));
}
