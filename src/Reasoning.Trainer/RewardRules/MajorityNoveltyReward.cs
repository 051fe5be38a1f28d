using Reasoning.Models;
using Reasoning.Rewards.Novelty;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.RewardRules;

/// <summary>EVOL-RL (arXiv:2509.15194) with the rules and the embedding that the recipe names; see <see cref="NoveltyReward"/>.</summary>
internal sealed class MajorityNoveltyReward : RewardRule
{
    public static readonly Metric NoveltyOn =
        new("novelty_on", "flag", "none", "1 while novelty counts; 0 once a failed embedding has switched it off.");

    private readonly NoveltyOptions _options;
    private readonly ITextEmbedding _embedding;
    private readonly NoveltyScorer _scorer;

    private MajorityNoveltyReward(RewardContext context)
    {
        var settings = context.Recipe.Of<NoveltySettings>();
        if (settings.Embedding == EmbeddingKind.Endpoint && context.Learner?.Ranks.AreSeveral == true)
            throw new UserErrorException("embedding endpoint is for one process: each rank would ask the server, and answers may differ; take another embedding");
        NoveltyOptions rules = settings.NoveltyRules switch
        {
            NoveltyRulesKind.Paper => NoveltyOptions.Paper,
            NoveltyRulesKind.Code => NoveltyOptions.Code,
            _ => new NoveltyOptions(),
        };
        _options = rules with { Alpha = settings.NoveltyAlpha };
        _embedding = settings.Embedding switch
        {
            EmbeddingKind.HiddenStates => new HiddenStateEmbedding(context.Policy, context.Recipe.MicroBatchTokens),
            EmbeddingKind.Minilm => MiniLmPlugIn.Load(MiniLmPlugIn.DefaultFile),
            EmbeddingKind.Endpoint => new EndpointEmbedding(Endpoint(settings)),
            _ => new HashedNgramEmbedding(),
        };
        _scorer = new NoveltyScorer(_embedding, _options, settings.EmbeddingFailure, context.Notice);
    }

    public static RewardDeclaration Declaration { get; } = new(
        "majority+novelty", "Answers that agree with the vote get 0.5 to 1, the others −1 to −0.5; within each side more novel answers get more.", "EVOL-RL, arXiv:2509.15194",
        context => new MajorityNoveltyReward(context))
    {
        Settings = [new VoteSettings(), new NoveltySettings()],
        Metrics = [NoveltyOn],
        Votes = true,
        UsesAgreement = true,
        Check = recipe => Check(recipe.Of<NoveltySettings>()),
        Header = recipe => ("novelty", Describe(recipe.Of<NoveltySettings>())),
    };

    public override double[] Score(PromptGroup group)
    {
        NoveltyResult result = _scorer.Score([.. group.Samples.Select((sample, i) => new NoveltyResponse(
            NoveltyReward.ReasoningPart(sample.Text, sample.Extraction, _options.Text),
            group.Agreement[i],
            NoveltyReward.IsValid(sample.Text, sample.Extraction, sample.IsTruncated, _options.Validity)))]);
        for (int i = 0; i < result.Novelty.Length; i++) group.Samples[i].Novelty = result.Novelty[i];
        return result.Rewards;
    }

    public override void Measure(Meter meter, IReadOnlyList<PromptGroup> groups) => meter.Set(NoveltyOn, _scorer.IsOn ? 1 : 0);

    public override void Dispose()
    {
        base.Dispose();
        (_embedding as IDisposable)?.Dispose();
    }

    private static EndpointEmbeddingOptions Endpoint(NoveltySettings settings) => new()
    {
        Url = new Uri(settings.EmbeddingUrl),
        Model = settings.EmbeddingModel,
        ApiKey = settings.EmbeddingKeyVariable.Length == 0 ? null : Environment.GetEnvironmentVariable(settings.EmbeddingKeyVariable),
    };

    private static void Check(NoveltySettings settings)
    {
        if (settings.Embedding == EmbeddingKind.Minilm) MiniLmPlugIn.Require(MiniLmPlugIn.DefaultFile);
        if (settings.Embedding != EmbeddingKind.Endpoint) return;
        Recipe.Require(
            Uri.TryCreate(settings.EmbeddingUrl, UriKind.Absolute, out Uri? address) && (address.Scheme is "http" or "https"),
            "embedding endpoint needs embedding-url, an http or https address such as http://localhost:8000/v1/embeddings");
        Recipe.Require(settings.EmbeddingModel.Length > 0, "embedding endpoint needs embedding-model, the name of the model as the server knows it");
        string variable = settings.EmbeddingKeyVariable;
        Recipe.Require(
            variable.Length == 0 || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable)),
            $"embedding-key-variable names {variable}, but that environment variable is not set");
    }

    private static string Describe(NoveltySettings settings)
    {
        string embedding = settings.Embedding switch
        {
            EmbeddingKind.Ngrams => "hashed n-grams of the reasoning (wording, not meaning)",
            EmbeddingKind.HiddenStates => "the policy's own hidden states, averaged over the reasoning",
            EmbeddingKind.Minilm => "sentence embeddings of all-MiniLM-L6-v2",
            _ => $"{settings.EmbeddingModel} at {settings.EmbeddingUrl}; when it fails: {Words.Of(settings.EmbeddingFailure)}",
        };
        return $"{embedding}; rules: {Words.Of(settings.NoveltyRules)}, alpha {Show.Number(settings.NoveltyAlpha)}";
    }
}

/// <summary>Settings of EVOL-RL's reward.</summary>
internal sealed record NoveltySettings : MethodSettings
{
    [Setting("word", "Which rules for reward bands and validity: ours, those of the paper, or those of its code.")]
    public NoveltyRulesKind NoveltyRules { get; init; } = NoveltyRulesKind.Ours;

    [Setting("weight",
        "Weight of the mean similarity to answers on the same side of the vote; the rest is the weight of the largest similarity to any answer.", Min = 0, Max = 1)]
    public double NoveltyAlpha { get; init; } = 0.5;

    [Setting("word", "How the similarity of two answers' reasoning is measured.")]
    public EmbeddingKind Embedding { get; init; } = EmbeddingKind.Ngrams;

    [Setting(Setting.AddressUnit, "For embedding endpoint: full address, such as http://localhost:8000/v1/embeddings.")]
    public string EmbeddingUrl { get; init; } = "";

    [Setting("name", "For embedding endpoint: the model as the server knows it.")]
    public string EmbeddingModel { get; init; } = "";

    [Setting("name", "For embedding endpoint: environment variable that holds the key; empty sends none.")]
    public string EmbeddingKeyVariable { get; init; } = "";

    [Setting("word", "When the embedding fails: stop the run, or switch novelty off and report it.")]
    public EmbeddingFailure EmbeddingFailure { get; init; } = EmbeddingFailure.Stop;
}
