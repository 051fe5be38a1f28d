using Reasoning.Models;
using Reasoning.Models.Modeling;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Methods;

/// <summary>
/// CoTTA (Wang et al. 2022, arXiv:2203.13591): cross-entropy against a teacher, the model's moving average; a few values are reset to the start
/// after every update (<see cref="AveragedTeacher"/>).
/// <code>
/// L = Σ_t w_t ½ ( − Σ_v p'_t(v) log p_t(v) − Σ_v p_t(v) log p'_t(v) )        p' the teacher, constant; both at <c>loss-temperature</c>
/// </code>
/// This is the symmetric form of the released code for ImageNet. The other form, − Σ p' log p alone, needs a teacher that sees something
/// else: where teacher and model agree, as at the start, its gradient is p − p' = 0 and stays zero. The second term is H(p) + KL(p‖p'), so
/// there the gradient is half of Tent's.
/// Deviations: the paper averages the teacher over augmented images, and there is nothing of the kind for a prompt. It answers with the
/// teacher; here the model samples, learns and is saved. It trains everything; here both distributions go through one head, so the head
/// must not learn. The average of two adapters' factors is not the average of their products.
/// </summary>
internal sealed class Cotta : Method
{
    public static readonly Metric Divergence =
        new("teacher_divergence", "nats", "none", "Divergence of the model's distribution from the teacher's, KL(p‖p'), mean over tokens.");
    public static readonly Metric Restored =
        new("restored_share", "share", "none", "Values that went back to the start after an update.");

    private readonly AveragedTeacher _rule;
    private Tensor? _teacher; // [n, width] of the tokens at work

    private Cotta(MethodContext context) : base(context, context.Recipe.Of<EntropySettings>())
    {
        if (context.Policy.Model.HeadWeight.requires_grad)
            throw new UserErrorException("objective cotta shares the head with its teacher, which must not learn: set trainable to body, norms or lora");
        var settings = context.Recipe.Of<CottaSettings>();
        Rule = _rule = new AveragedTeacher(context, settings.TeacherMemory, settings.RestoreShare, Restored);
    }

    public static MethodDeclaration Declaration { get; } = new(
        "cotta", "The model is held to its own average, and a few values go back to the start after every update (CoTTA).",
        "arXiv:2203.13591, section 3", context => new Cotta(context))
    {
        Settings = [new EntropySettings(), new CottaSettings()],
        Metrics = [Divergence, Restored],
        Shown = [("entropy", Measures.Metrics.Entropy, 4), ("teacher", Divergence, 5)],
        KeepsStart = true,
    };

    public override IUpdateRule Rule { get; }

    public override IReadOnlyList<(string Name, Tensor Values)> Tensors => _rule.Tensors;

    public override void BeforeLoss(TokenBatch tokens, Tensor head) => _teacher = tokens.Rows(_rule.Hidden);

    public override Tensor[] States(Tensor hidden) => [hidden, _teacher!];

    public override Tensor Loss(LogitRows rows, TokenBatch tokens)
    {
        Tensor logprobs_TV = rows.LogProbs(0), teacher_TV = rows.LogProbs(1); // [rows, vocab]
        Tensor entropy_T = LogitRows.Entropy(logprobs_TV), cross_T = (logprobs_TV.exp() * teacher_TV).sum(1).neg(); // [rows]
        tokens.Mean(Metrics.Entropy, rows, entropy_T);
        tokens.Mean(Divergence, rows, cross_T - entropy_T);
        return (cross_T - (teacher_TV.exp() * logprobs_TV).sum(1)).Times(0.5);
    }
}

/// <summary>Settings of CoTTA.</summary>
internal sealed record CottaSettings : MethodSettings
{
    [Setting("share",
        "Decay of the teacher's moving average: the share of it that stays in an update; the rest comes from the model.", Min = 0, Max = 1)]
    public double TeacherMemory { get; init; } = 0.999;

    [Setting("probability", "Probability that a trained value is reset to its start after an update; 0 switches it off.", Min = 0, Max = 1)]
    public double RestoreShare { get; init; } = 0.001;
}
