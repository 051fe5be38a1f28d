using System.Diagnostics;
using Reasoning.Models;
using Reasoning.Models.Devices;
using Reasoning.Models.Modeling;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Methods;

/// <summary>
/// A control that learns nothing: all logits are divided by one number, so that the mean token entropy of the answers becomes what another
/// method has made of it (temperature scaling, Guo et al. 2017, arXiv:1706.04599, fitted to an entropy).
/// <code>
/// p_t = softmax(z_t / τ)        τ such that the mean of H(p_t) over the step's tokens is H*, by bisection of log τ
/// </code>
/// What such a model gains, a method of the same entropy has gained by sharpening alone. τ goes into the weight of the final norm: the
/// result is a model like that of any method, evaluated, compared and exported in the same way, and its greedy answers are those of the
/// start but for rounding. H is that of answers of the model itself, which τ changes as well: after two or three steps both agree.
/// H* is <c>matched-entropy</c>: the <c>entropy</c> in the last line of metrics.jsonl of the run that this is the control of.
/// </summary>
internal sealed class TemperatureOnly : Method
{
    public static readonly Metric LogitTemperature =
        new("logit_temperature", "factor", "none", "What the logits are divided by after the step, compared with the start model.");

    private TemperatureOnly(MethodContext context) : base(context) =>
        Rule = new Fit(context.Recipe.Of<TemperatureSettings>().MatchedEntropy, context.Recipe.MicroBatchTokens);

    public static MethodDeclaration Declaration { get; } = new(
        "temperature", "A control: all logits are divided by one number, to match an entropy; nothing learns.",
        "arXiv:1706.04599, section 4.2", context => new TemperatureOnly(context))
    {
        Settings = [new TemperatureSettings()],
        Metrics = [LogitTemperature],
        Shown = [("entropy", Metrics.Entropy, 4), ("temperature", LogitTemperature, 4)],
        Check = recipe =>
        {
            if (recipe.Trainable == TrainableKind.Lora || recipe.Weights != WeightsKind.Float32)
                throw new UserErrorException("objective temperature changes the weight of the final norm: set trainable to norms and weights to float32");
            if (recipe.Control != ControlKind.None)
                throw new UserErrorException("objective temperature is a control itself: set control to none");
        },
    };

    public override IUpdateRule Rule { get; }

    /// <summary>[rows] what is matched; nobody takes its gradient.</summary>
    public override Tensor Loss(LogitRows rows, TokenBatch tokens) => Tent.Entropy(rows, tokens);

    /// <summary>Finds τ and puts it into the model.</summary>
    private sealed class Fit(double target, int microBatchTokens) : IUpdateRule
    {
        private const string Temperature = "temperature";
        private const int Halvings = 40;

        /// <summary>τ of one step is between 1 / 64 and 64.</summary>
        private static readonly double s_widest = Math.Log(64);

        public void Update(Learner learner, Sample[] batch, int step, Meter meter)
        {
            using IDisposable noGradient = no_grad();
            using DisposeScope scope = NewDisposeScope();
            var clock = Stopwatch.StartNew();
            CausalLM model = learner.Policy.Model;
            AnswerRows[] parts =
                [.. MicroBatches.Split(batch, microBatchTokens).Select(part => new AnswerRows([.. part.Select(sample => sample.Rollout)]))];
            Tensor hidden_TD = cat([.. parts.Select(rows => rows.Hidden(model))], 0); // [answer tokens, width]
            Tensor targets_T = cat([.. parts.Select(rows => rows.Targets(hidden_TD.device))], 0); // [answer tokens]
            HeadScores now = OutputHead.Score(hidden_TD, model.HeadWeight, targets_T, learner.Method.Temperature);
            meter.Mean(Metrics.Entropy, now.Entropy);
            LogProbGap.Measure(now.LogProb, Floats.VectorLike(hidden_TD, [.. batch.SelectMany(sample => sample.Rollout.LogProbs)]), meter);
            double low = -s_widest, high = s_widest; // of log τ; the entropy grows with it
            for (int i = 0; i < Halvings; i++)
            {
                double middle = (low + high) / 2;
                (low, high) = Entropy(middle) < target ? (middle, high) : (low, middle);
            }

            double temperature = Math.Exp((low + high) / 2);
            model.FinalNorm.Scale(1 / temperature);
            Dictionary<string, double> numbers = learner.Method.Numbers;
            numbers[Temperature] = numbers.GetValueOrDefault(Temperature, 1) * temperature;
            meter.Set(LogitTemperature, numbers[Temperature]);
            meter.Sum(Metrics.TrainedTokens, hidden_TD.shape[0]);
            meter.Lap(Metrics.ForwardSeconds, clock);

            double Entropy(double logTemperature)
            {
                using DisposeScope inner = NewDisposeScope();
                double divisor = learner.Method.Temperature * Math.Exp(logTemperature);
                return OutputHead.Score(hidden_TD, model.HeadWeight, targets_T, divisor).Entropy.mean([0], type: ScalarType.Float64).item<double>();
            }
        }
    }
}

/// <summary>Settings of the control.</summary>
internal sealed record TemperatureSettings : MethodSettings
{
    [Setting("nats", "Mean token entropy to reach by temperature alone: that of the run that this one is a control for.", Min = 0, Above = true)]
    public double MatchedEntropy { get; init; } = 0.04;
}
