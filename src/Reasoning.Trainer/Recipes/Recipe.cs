using System.Collections.Immutable;
using Reasoning.Grading;
using Reasoning.Models;
using Reasoning.Models.Chat;
using Reasoning.Models.Generation;

namespace Reasoning.Trainer.Recipes;

/// <summary>
/// A complete set of options of a run. Every option is declared once, here or by the method it belongs to: name (the property's, in kebab
/// case), unit, default, range and effect.
/// </summary>
internal sealed record Recipe
{
    [Setting(SettingGroup.Method, "word", "What is minimized.")]
    public Objective Objective { get; init; } = Catalogue.Shipped.Objectives[0];

    [Setting(SettingGroup.Method, "word", "What an answer is worth; an entropy objective needs no reward.")]
    public Reward Reward { get; init; } = Reward.None;

    [Setting(SettingGroup.Reward, "word", "How the rewards of a group become advantages.")]
    public AdvantageKind Advantage { get; init; } = AdvantageKind.Grpo;

    [Setting(SettingGroup.Reward, "answers", "For advantage pass@k: k, the size of a set of answers of which one has to be right.",
        Min = 1, Max = 65536, When = nameof(UsesPassAtK))]
    public int PassK { get; init; } = 4;

    [Setting(SettingGroup.Reward, "true or false",
        "Multiplies advantages by 2 − H / H̄, the entropy of the answer by the mean of its group, clamped to 0 to 2 (ETTRL).")]
    public bool EntropyShaping { get; init; }

    [Setting(SettingGroup.Method, "word",
        "Where an answer may stand: in the last box, or, where there is none, behind 'the answer is', in the last math or as the last number.")]
    public AnswerPlace AnswerPlace { get; init; } = AnswerPlace.Box;

    [Setting(SettingGroup.Reward, "share",
        "Share of a prompt's answers that must be valid, or its vote does not count and the prompt is skipped.", Min = 0, Max = 1)]
    public double MinimumValidShare { get; init; }

    [Setting(SettingGroup.Reward, "weight", "Added to the reward of an answer with exactly one complete box.", Min = 0)]
    public double FormatWeight { get; init; }

    [Setting(SettingGroup.Reward, "weight", "Subtracted from the reward, multiplied by the share of four-grams that repeat.", Min = 0)]
    public double RepetitionWeight { get; init; }

    [Setting(SettingGroup.Reward, "tokens",
        "Length before max-new-tokens over which the penalty for long answers grows (DAPO); 0 switches it off.", Min = 0)]
    public int OverlongBuffer { get; init; }

    [Setting(SettingGroup.Reward, "reward", "With overlong-buffer: penalty of an answer of max-new-tokens.", Min = 0)]
    public double OverlongFactor { get; init; } = 1;

    [Setting(SettingGroup.Method, "word",
        "Control experiment: breaks the link between answers and rewards, or moves the parameters in random directions.")]
    public ControlKind Control { get; init; } = ControlKind.None;

    [Setting(SettingGroup.Method, "word", "What happens to answers that ran into the token limit; they never vote.")]
    public TruncatedKind Truncated { get; init; } = TruncatedKind.Mask;

    [Setting(SettingGroup.Method, "word", "How token losses are averaged.")]
    public AggregationKind Aggregation { get; init; } = AggregationKind.TokenMean;

    [Setting(SettingGroup.Sampling, "word", "How a problem becomes the model's input; model: as its reasoning.json says, else plain.")]
    public PromptStyleKind PromptStyle { get; init; } = PromptStyleKind.Model;

    [Setting(SettingGroup.Sampling, "prompts", "Prompts drawn in each step.", Min = 1, Max = 65536)]
    public int PromptsPerStep { get; init; } = 8;

    [Setting(SettingGroup.Sampling, "word", "Order of the prompts: shuffled anew for every epoch, or as in the file, over and over.")]
    public PromptOrderKind PromptOrder { get; init; } = PromptOrderKind.Shuffled;

    [Setting(SettingGroup.Sampling, "answers", "Answers sampled to each prompt; all of them vote.", Min = 1, Max = 65536)]
    public int SamplesPerPrompt { get; init; } = 32;

    [Setting(SettingGroup.Sampling, "answers",
        "Answers of each group that are used for training, the first ones; 0 means all.", Min = 0, Max = 65536)]
    public int TrainSamples { get; init; }

    [Setting(SettingGroup.Sampling, "factor",
        "Divides the logits when answers are sampled, and in the log-probabilities that train.",
        Min = SamplingOptions.LowestTemperature, Max = 100)]
    public double Temperature { get; init; } = 1;

    [Setting(SettingGroup.Sampling, "probability",
        "Nucleus of the sampling distribution; 1 keeps every token.", Min = 0, Above = true, Max = 1)]
    public double TopP { get; init; } = 1;

    [Setting(SettingGroup.Sampling, "tokens", "Most probable tokens to sample from; 0 keeps all.", Min = 0)]
    public int TopK { get; init; }

    [Setting(SettingGroup.Sampling, "tokens", "Most tokens of an answer; a longer one is truncated and counted.", Min = 1)]
    public int MaxNewTokens { get; init; } = 160;

    [Setting(SettingGroup.Sampling, "answers", "Answers decoded together; affects speed and memory, never results.", Min = 1, Max = 65536)]
    public int SamplingBatch { get; init; } = 256;

    [Setting(SettingGroup.Sampling, "word",
        "Precision of the weights while sampling on the CPU: bfloat16 reads half the memory, and the log-probabilities of sampler and trainer differ a little.")]
    public WeightsKind SamplingWeights { get; init; } = WeightsKind.Float32;

    [Setting(SettingGroup.Sampling, Setting.AddressUnit,
        "Address of a server that runs already and gives the answers (docs/server.md), such as http://localhost:8000/v1; empty: this program.", When = nameof(HasServer))]
    public string Rollouts { get; init; } = "";

    [Setting(SettingGroup.Sampling, "name", "With rollouts: the model as the server names it; empty: the first that it names.", When = nameof(HasServer))]
    public string RolloutsModel { get; init; } = "";

    [Setting(SettingGroup.Sampling, "updates",
        "With rollouts: updates that the server's weights may be old; then the adapters are loaded into it, where it can load them.", Min = 0, When = nameof(HasServer))]
    public int MaxStaleness { get; init; }

    [Setting(SettingGroup.Sampling, "ratio",
        "With rollouts: tokens weigh at most this in the loss, their probability now divided by the server's (truncated importance sampling).",
        Min = 0, Above = true, When = nameof(HasServer))]
    public double ImportanceCap { get; init; } = 2;

    [Setting(SettingGroup.Parameters, "word",
        "Type of the model's weights and activations; with bfloat16 the optimizer updates float32 copies.")]
    public WeightsKind Weights { get; init; } = WeightsKind.Float32;

    [Setting(SettingGroup.Parameters, "word",
        "Type of the matrix products of linear layers and head, while everything else stays float32; bfloat16 needs AVX512-BF16, AMX or a GPU.")]
    public WeightsKind Compute { get; init; } = WeightsKind.Float32;

    [Setting(SettingGroup.Parameters, "true or false",
        "Stores only the inputs of each layer and recomputes the rest in the backward pass: much less memory, a third more time, the same results.")]
    public bool GradientCheckpointing { get; init; }

    [Setting(SettingGroup.Parameters, "word", "Which parameters learn.")]
    public TrainableKind Trainable { get; init; } = TrainableKind.All;

    [Setting(SettingGroup.Parameters, "rank", "Rank of the adapters; for trainable lora, pissa and sorsa.", Min = 1, Max = 4096)]
    public int LoraRank { get; init; } = 8;

    [Setting(SettingGroup.Parameters, "factor",
        "For trainable lora: the adapters' update is scaled by this divided by the rank; with pissa and sorsa the scale is 1.",
        Min = 0, Above = true)]
    public double LoraAlpha { get; init; } = 16;

    [Setting(SettingGroup.Parameters, "list", "Projections that get an adapter.")]
    public IReadOnlyList<string> LoraTargets { get; init; } = ["q_proj", "v_proj"];

    [Setting(SettingGroup.Parameters, "per update",
        "SORSA: rate at which the adapters' vectors are pulled towards orthonormal ones, following the schedule; 0 switches it off.", Min = 0, When = nameof(IsSorsa))]
    public double SorsaGamma { get; init; } = 4e-4;

    [Setting(SettingGroup.Optimizer, "word", "The update rule.")]
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adamw;

    [Setting(SettingGroup.Optimizer, "word",
        "Type of the optimizer's moments; bfloat16 halves their memory, with stochastic rounding so that small changes count.")]
    public WeightsKind OptimizerState { get; init; } = WeightsKind.Float32;

    [Setting(SettingGroup.Optimizer, "per update", "Learning rate after the warm-up.", Min = 0, Max = 1000)]
    public double LearningRate { get; init; } = 3e-5;

    [Setting(SettingGroup.Optimizer, "word", "How the rate changes over the steps, as a pure function of the step.")]
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Constant;

    [Setting(SettingGroup.Optimizer, "share of steps", "Share of the steps over which the rate rises from zero.", Min = 0, Max = 1)]
    public double WarmupShare { get; init; }

    [Setting(SettingGroup.Optimizer, "decay", "AdamW: decay of the first moment.", Min = 0, Max = 0.99999)]
    public double Beta1 { get; init; } = 0.9;

    [Setting(SettingGroup.Optimizer, "decay", "AdamW: decay of the second moment.", Min = 0, Max = 0.9999999)]
    public double Beta2 { get; init; } = 0.999;

    [Setting(SettingGroup.Optimizer, "decay", "SGD: momentum, the decay of earlier gradients.", Min = 0, Max = 0.99999)]
    public double Momentum { get; init; } = 0.9;

    [Setting(SettingGroup.Optimizer, "per unit of rate",
        "Weight decay: pulls parameters towards zero, in proportion to the learning rate.", Min = 0, Max = 100)]
    public double WeightDecay { get; init; }

    [Setting(SettingGroup.Optimizer, "norm", "Gradients with a larger norm are scaled down to it; 0 switches clipping off.", Min = 0)]
    public double MaxGradNorm { get; init; } = 1;

    [Setting(SettingGroup.Optimizer, "updates",
        "Optimizer steps per step: the prompts of a step are split into this many parts.", Min = 1, Max = 65536)]
    public int UpdatesPerRollout { get; init; } = 1;

    [Setting(SettingGroup.Optimizer, "tokens", "Tokens computed in one pass; affects memory, never results.", Min = 1)]
    public int MicroBatchTokens { get; init; } = 8192;

    [Setting(SettingGroup.Episodes, "steps",
        "Steps on each prompt alone, after which the model is reset to its start; 0 never resets it.", Min = 0)]
    public int EpisodeSteps { get; init; }

    [Setting(SettingGroup.Run, "steps", "Steps of the run.", Min = 0)]
    public int Steps { get; init; } = 20;

    [Setting(SettingGroup.Run, "number", "Seed of every draw.", Min = 0, Max = 9007199254740992)]
    public ulong Seed { get; init; } = 1;

    [Setting(SettingGroup.Run, "steps", "Interval at which all answers of a step are logged to samples.jsonl; 0 means never.", Min = 0)]
    public int LogSamplesEvery { get; init; } = 1;

    [Setting(SettingGroup.Run, "steps", "Interval between checkpoints; the last step always has one, and 0 means that one alone.", Min = 0)]
    public int CheckpointEvery { get; init; } = 10;

    [Setting(SettingGroup.Run, "checkpoints", "How many of the newest checkpoints are kept; 0 keeps all.", Min = 0)]
    public int KeepCheckpoints { get; init; } = 2;

    [Setting(SettingGroup.Run, "true or false", "Writes the metrics to an event file for TensorBoard as well.")]
    public bool Tensorboard { get; init; } = true;

    [Setting(SettingGroup.Evaluation, "answers",
        "Answers sampled to each problem before and after; 0 skips the evaluation.", Min = 0, Max = 65536)]
    public int EvalSamples { get; init; } = 8;

    [Setting(SettingGroup.Evaluation, "factor",
        "Sampling temperature of the evaluation; greedy answers are added in any case.",
        Min = SamplingOptions.LowestTemperature, Max = 100)]
    public double EvalTemperature { get; init; } = 0.6;

    [Setting(SettingGroup.Evaluation, "probability", "Nucleus of the evaluation.", Min = 0, Above = true, Max = 1)]
    public double EvalTopP { get; init; } = 0.95;

    [Setting(SettingGroup.Evaluation, "tokens", "Most tokens of an answer in the evaluation; 0 takes max-new-tokens.", Min = 0)]
    public int EvalMaxNewTokens { get; init; }

    [Setting(SettingGroup.Evaluation, "true or false",
        "Evaluates the start model once more, at the temperature at which it is as certain as the adapted one: what a lower temperature does alone.")]
    public bool EvalMatched { get; init; } = true;

    [Setting(SettingGroup.Evaluation, "problems", "Problems of each set that are evaluated, the first ones; 0 means all.", Min = 0)]
    public int EvalProblems { get; init; } = 256;

    [Setting(SettingGroup.Guard, "true or false", "Watch for damage by the rules below (docs/guard.md).")]
    public bool Guard { get; init; } = true;

    [Setting(SettingGroup.Guard, "word",
        "What an alarm does: stop with exit code 3, go back to a good checkpoint with half the rate, or only report it.")]
    public GuardActionKind GuardAction { get; init; } = GuardActionKind.Stop;

    [Setting(SettingGroup.Guard, "times", "For guard-action rollback: times the run may go back; the next alarm stops it.", Min = 1, Max = 1000)]
    public int GuardRollbacks { get; init; } = 3;

    [Setting(SettingGroup.Guard, "steps", "Steps in a row for which a rule must hold before it is an alarm.", Min = 1)]
    public int GuardPatience { get; init; } = 2;

    [Setting(SettingGroup.Guard, "prompts",
        "Prompts for the probe: answers of the start model to them are scored after every step, to measure how far the model has moved; 0 switches it off.",
        Min = 0, Max = 65536)]
    public int GuardProbe { get; init; } = 16;

    [Setting(SettingGroup.Guard, "share",
        "Rule unanswered: the share of answers without a complete box rises by more than this.", Min = 0, Max = 1)]
    public double GuardUnanswered { get; init; } = 0.4;

    [Setting(SettingGroup.Guard, "ratio",
        "Rule distance: the divergence from the start model, on its own answers, rises to this multiple of its entropy there.", Min = 0, Above = true)]
    public double GuardDistance { get; init; } = 0.5;

    [Setting(SettingGroup.Guard, "ratio",
        "Rule agreement: new answers to the probe equal the start model's this many times as often as its own do; 0 does not ask for new ones.", Min = 0, Max = 0.99)]
    public double GuardAgreement { get; init; } = 0.6;

    [Setting(SettingGroup.Guard, "ratio", "Rule entropy-low: entropy falls to this multiple of its start.", Min = 0, Above = true, Max = 0.99)]
    public double GuardEntropyLow { get; init; } = 0.3;

    [Setting(SettingGroup.Guard, "ratio", "Rule entropy-high: entropy rises to this multiple of its start.", Min = 1.01)]
    public double GuardEntropyHigh { get; init; } = 6;

    [Setting(SettingGroup.Guard, "ratio", "Rule length: the mean length of answers grows or shrinks by this factor.", Min = 1.01)]
    public double GuardLength { get; init; } = 2;

    [Setting(SettingGroup.Guard, "ratio", "Rule logit-norm: the norm of the logits grows or shrinks by this factor.", Min = 1.01)]
    public double GuardLogitNorm { get; init; } = 1.5;

    [Setting(SettingGroup.Guard, "share", "Rule repetition: the share of four-grams that repeat rises by this.", Min = 0, Above = true, Max = 1)]
    public double GuardRepetition { get; init; } = 0.2;

    [Setting(SettingGroup.Guard, "ratio",
        "Rule vote-share: the mean vote share falls to this multiple of its start.", Min = 0, Above = true, Max = 0.99)]
    public double GuardVoteShare { get; init; } = 0.4;

    [Setting(SettingGroup.Guard, "share",
        "Rule one-voice: the mean vote share rises to this, and prompts get the same answer, answers halve, or repetition doubles.", Min = 0, Above = true, Max = 1)]
    public double GuardOneVoice { get; init; } = 0.95;

    /// <summary>The style that was asked for; null for what the model says.</summary>
    public PromptStyle? Style => PromptStyle switch
    {
        PromptStyleKind.Plain => Models.Chat.PromptStyle.Plain,
        PromptStyleKind.Chat => Models.Chat.PromptStyle.Chat,
        PromptStyleKind.Bare => Models.Chat.PromptStyle.Bare,
        _ => null,
    };

    /// <summary>Answers of each group that train.</summary>
    public int LearningSamples => TrainSamples == 0 ? SamplesPerPrompt : TrainSamples;

    /// <summary>Whether adapters are kept near orthonormal vectors.</summary>
    public bool IsSorsa => Trainable == TrainableKind.Sorsa;

    /// <summary>Whether adapters learn, and the model beside them stays.</summary>
    public bool HasAdapters => Trainable is TrainableKind.Lora or TrainableKind.Pissa or TrainableKind.Sorsa;

    /// <summary>Whether a server gives the answers.</summary>
    public bool HasServer => Rollouts.Length > 0;

    /// <summary>Whether rewards need a winner of the vote.</summary>
    public bool Votes => Reward.Votes;

    /// <summary>Whether advantages are those of sets of answers.</summary>
    public bool UsesPassAtK => Advantage == AdvantageKind.PassAtK;

    /// <summary>Whether the gold answers of the prompts take part in training.</summary>
    public bool UsesGold => Reward.UsesGold;

    private ImmutableDictionary<Type, MethodSettings> Own { get; init; } = ImmutableDictionary<Type, MethodSettings>.Empty;

    /// <summary>Settings that methods declare; as they stand where nobody set them.</summary>
    public T Of<T>() where T : MethodSettings, new() => (T)Of(new T());

    /// <inheritdoc cref="Of{T}"/>
    public MethodSettings Of(MethodSettings defaults) => Own.GetValueOrDefault(defaults.GetType(), defaults);

    /// <summary>The same with settings that a method declares.</summary>
    public Recipe With(MethodSettings settings) => this with { Own = Own.SetItem(settings.GetType(), settings) };

    /// <summary>Refuses combinations that cannot mean what they say.</summary>
    /// <exception cref="UserErrorException">Two settings contradict each other; the message names both.</exception>
    public void Check()
    {
        bool rewarded = Objective.UsesRewards;
        Require(
            !rewarded
                || Reward != Reward.None, $"objective {Objective.Name} needs a reward: set reward to majority, or another (docs/rewards.md)");
        Require(
            rewarded || Reward == Reward.None, $"an entropy objective uses no reward, and {Objective.Name} is one: set reward to none, or objective to grpo");
        Require(
            rewarded || Control is ControlKind.None or ControlKind.RandomDirection,
            $"control {Words.Of(Control)} needs a reward to cut: set control to none or random-direction, or objective to grpo");
        Require(TrainSamples <= SamplesPerPrompt, $"train-samples is {TrainSamples} and samples-per-prompt only {SamplesPerPrompt}");
        Require(!rewarded || LearningSamples > 1, $"objective {Objective.Name} compares the answers to a prompt: it needs at least 2 that train");
        Require(
            UpdatesPerRollout <= PromptsPerStep, $"updates-per-rollout is {UpdatesPerRollout} and prompts-per-step only {PromptsPerStep}: "
                + $"--set updates-per-rollout={PromptsPerStep} or less");
        Require(
            OverlongBuffer <= MaxNewTokens, $"overlong-buffer is {OverlongBuffer} and max-new-tokens only {MaxNewTokens}");
        Require(
            SamplingWeights == WeightsKind.Float32 || Weights == WeightsKind.Float32,
            "sampling-weights bfloat16 rounds float32 weights for sampling: with weights bfloat16 there is nothing to round");
        Require(
            Compute == WeightsKind.Float32 || Weights == WeightsKind.Float32,
            "compute bfloat16 rounds float32 weights for each product: with weights bfloat16 there is nothing to round");
        CheckServer();
        CheckPassAtK(rewarded);
        Reward.Check?.Invoke(this);
        Objective.Check?.Invoke(this);
        Require(Aggregation != AggregationKind.Constant || rewarded, "aggregation constant belongs to objectives with a reward, such as grpo");
        Require(
            EpisodeSteps == 0
                || (!rewarded && PromptsPerStep == 1), "episode-steps needs an entropy objective and prompts-per-step 1");
    }

    private void CheckServer()
    {
        if (!HasServer) return;
        Require(Temperature == 1, "rollouts needs temperature 1: at others servers mean different things by a log-probability");
        Require(SamplingWeights == WeightsKind.Float32, "rollouts are sampled by the server: set sampling-weights to float32");
        Require(EpisodeSteps == 0, "rollouts cannot go with episode-steps: a server does not go back to its start with the model");
        Require(GuardAction != GuardActionKind.Rollback, "rollouts cannot go with guard-action rollback: a server does not go back with the model; set guard-action to stop or warn");
    }

    private void CheckPassAtK(bool rewarded)
    {
        if (!rewarded || !UsesPassAtK) return;
        Require(Reward.IsBinary, $"advantage pass@k asks which answers are right, and reward {Reward.Name} only says how good: set reward to majority, or another advantage");
        Require(
            FormatWeight == 0 && RepetitionWeight == 0 && OverlongBuffer == 0,
            "advantage pass@k asks which answers are right, and rewards for form blur that: set format-weight, repetition-weight and overlong-buffer to 0");
        Require(PassK <= LearningSamples, $"pass-k is {PassK} and only {LearningSamples} answers of a prompt train");
    }

    /// <summary>Refuses, in the words of <paramref name="message"/>, unless the condition holds.</summary>
    /// <exception cref="UserErrorException">It does not.</exception>
    internal static void Require(bool condition, string message)
    {
        if (!condition) throw new UserErrorException(message);
    }
}
