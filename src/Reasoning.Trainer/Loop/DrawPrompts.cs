using Reasoning.Models.Prompts;
using Reasoning.Models.Random;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Loop;

/// <summary>
/// Which prompts a step works on: a pure function of seed and step, so a resumed run goes on where it was and no position has to be
/// saved. Every epoch goes through the prompts in its own random order; the few that do not fill a last step of an epoch wait for
/// another one.
/// </summary>
internal static class DrawPrompts
{
    /// <summary>Separates these draws from others with the same seed.</summary>
    private static readonly ulong s_purpose = KeyedRandom.Key("order of prompts");

    /// <summary>The prompts of a step, counted from 1.</summary>
    /// <param name="prompts">All of them.</param>
    /// <param name="perStep">How many a step takes; all where there are fewer.</param>
    /// <param name="seed">Of the run.</param>
    /// <param name="step">Its number.</param>
    /// <param name="order">As in the file: the first after the last, and none waits.</param>
    public static IReadOnlyList<Prompt> For(
        IReadOnlyList<Prompt> prompts, int perStep, ulong seed, int step, PromptOrderKind order = PromptOrderKind.Shuffled)
    {
        int count = Math.Min(perStep, prompts.Count);
        if (order == PromptOrderKind.File)
            return [.. Enumerable.Range(0, count).Select(i => prompts[(int)(((step - 1L) * count + i) % prompts.Count)])];
        int stepsPerEpoch = prompts.Count / count;
        (int epoch, int place) = Math.DivRem(step - 1, stepsPerEpoch);
        int[] places = [.. Enumerable.Range(0, prompts.Count)];
        new KeyedStream(seed, s_purpose, (ulong)epoch).Shuffle(places.AsSpan());
        return [.. places.Skip(place * count).Take(count).Select(index => prompts[index])];
    }
}
