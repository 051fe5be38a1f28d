namespace Reasoning.Trainer.Measures;

/// <summary>Something a run measures at every step.</summary>
/// <param name="Name">Its key in metrics.jsonl.</param>
/// <param name="Unit">Unit of the value.</param>
/// <param name="Better">Which direction is good: <c>up</c>, <c>down</c>, or <c>none</c> where neither is.</param>
/// <param name="Meaning">One sentence.</param>
internal sealed record Metric(string Name, string Unit, string Better, string Meaning)
{
    public static implicit operator string(Metric metric) => metric.Name;
}
