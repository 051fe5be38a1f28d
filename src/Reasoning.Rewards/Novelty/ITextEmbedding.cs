namespace Reasoning.Rewards.Novelty;

/// <summary>Maps texts to vectors whose cosine says how alike they are.</summary>
public interface ITextEmbedding
{
    /// <summary>One vector of length one (or zero, for a text without features) for each text, all of the same width.</summary>
    float[][] Embed(IReadOnlyList<string> texts);
}
