using Reasoning.Models.Policies;
using Reasoning.Rewards.Novelty;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Loop;

/// <summary>EVOL-RL's reward with the rules and the embedding that the recipe names.</summary>
internal sealed class NoveltyJudge : IDisposable
{
    private readonly NoveltyOptions _options;
    private readonly ITextEmbedding _embedding;
    private readonly NoveltyScorer _scorer;

    public NoveltyJudge(Recipe recipe, Policy policy, Action<string> notice)
    {
        NoveltyOptions rules = recipe.NoveltyRules switch
        {
            NoveltyRulesKind.Paper => NoveltyOptions.Paper,
            NoveltyRulesKind.Code => NoveltyOptions.Code,
            _ => new NoveltyOptions(),
        };
        _options = rules with { Alpha = recipe.NoveltyAlpha };
        _embedding = recipe.Embedding switch
        {
            EmbeddingKind.HiddenStates => new HiddenStateEmbedding(policy, recipe.MicroBatchTokens),
            EmbeddingKind.Minilm => MiniLmPlugIn.Load(MiniLmPlugIn.DefaultFile),
            EmbeddingKind.Endpoint => new EndpointEmbedding(Endpoint(recipe)),
            _ => new HashedNgramEmbedding(),
        };
        _scorer = new NoveltyScorer(_embedding, _options, recipe.EmbeddingFailure, notice);
    }

    /// <summary>Whether novelty still counts.</summary>
    public bool IsOn => _scorer.IsOn;

    /// <summary>Rewards of one group.</summary>
    /// <param name="samples">All answers to a prompt.</param>
    /// <param name="agrees">For each of them whether it counts as agreeing with the vote.</param>
    public double[] Score(IReadOnlyList<Sample> samples, bool[] agrees) => _scorer.Score([.. samples.Select((sample, i) => new NoveltyResponse(
        NoveltyReward.ReasoningPart(sample.Text, sample.Extraction, _options.Text),
        agrees[i],
        NoveltyReward.IsValid(sample.Text, sample.Extraction, sample.IsTruncated, _options.Validity)))]);

    public void Dispose() => (_embedding as IDisposable)?.Dispose();

    private static EndpointEmbeddingOptions Endpoint(Recipe recipe) => new()
    {
        Url = recipe.EmbeddingAddress,
        Model = recipe.EmbeddingModel,
        ApiKey = recipe.EmbeddingKeyVariable.Length == 0 ? null : Environment.GetEnvironmentVariable(recipe.EmbeddingKeyVariable),
    };
}
