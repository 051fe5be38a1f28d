using System.Globalization;
using Reasoning.Eval.Results;
using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;

namespace Reasoning.Eval;

/// <summary>
/// The temperature at which a model is as certain of its tokens as another one was. Training without labels makes models more certain, and so
/// does a lower temperature, for nothing: what a run gains has to be more than that.
/// </summary>
public static class TemperatureMatch
{
    /// <summary>How often it looks: each time one answer to each prompt.</summary>
    public const int Halvings = 7;

    private const double Lowest = 1.0 / 16, Highest = 4;

    /// <summary>
    /// Looks for it by bisection with one answer to each prompt, between a sixteenth and four times the temperature of
    /// <paramref name="start"/>; a model that is still less, or more, certain there is answered with that end.
    /// </summary>
    /// <param name="policy">The model whose temperature is sought.</param>
    /// <param name="prompts">What it answers.</param>
    /// <param name="options">How both answer, but for the temperature; that must be above 0.</param>
    /// <param name="start">What the model's <see cref="EvalResult.TokenEntropy"/> was at that temperature.</param>
    /// <param name="wanted">What it is to be.</param>
    /// <param name="progress">Told after every decoding step.</param>
    /// <param name="cancel">Stops between decoding steps.</param>
    /// <returns>The temperature, to three digits.</returns>
    public static double Find(
        Policy policy, PromptSet prompts, EvalOptions options, double start, double wanted, Action<GenerationProgress>? progress = null,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        double own = options.Sampling.Temperature;
        (double low, double high) = wanted < start ? (Math.Max(SamplingOptions.LowestTemperature, own * Lowest), own) : (own, own * Highest);
        for (int i = 0; i < Halvings; i++)
        {
            double middle = Math.Sqrt(low * high);
            EvalOptions look = options with { Samples = 1, Ks = [1], Greedy = false, Sampling = options.Sampling with { Temperature = middle } };
            if (Evaluator.Run(policy, prompts, look, progress, cancel).TokenEntropy is not { } entropy || entropy < wanted) low = middle;
            else high = middle;
        }

        return double.Parse(Math.Sqrt(low * high).ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }
}
