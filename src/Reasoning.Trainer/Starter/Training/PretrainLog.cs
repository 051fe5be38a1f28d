namespace Reasoning.Trainer.Starter.Training;

/// <summary>The live line of pretraining, with running loss, speed and time to go.</summary>
internal sealed class PretrainLog(TextWriter writer, PretrainOptions options, TimeProvider clock)
{
    private const double Memory = 0.98;

    private readonly long _start = clock.GetTimestamp();
    private long _lastTime = clock.GetTimestamp();
    private long _lastTokens;
    private double _weight;
    private double _sum;

    internal double FirstLoss { get; private set; } = double.NaN;

    /// <summary>Mean of the loss, in which a step fifty back counts about a third of the last one.</summary>
    internal double Loss => _sum / _weight;

    internal long Tokens { get; private set; }

    internal int Steps { get; private set; }

    internal TimeSpan Elapsed => clock.GetElapsedTime(_start);

    internal void Add(double loss, int tokens, double gradNorm, double rate)
    {
        if (Steps == 0) FirstLoss = loss;
        _sum = (_sum * Memory) + loss;
        _weight = (_weight * Memory) + 1;
        Tokens += tokens;
        Steps++;
        if (Steps % options.LogEvery != 0 && Steps != options.Steps && Steps != 1) return;

        double seconds = clock.GetElapsedTime(_lastTime).TotalSeconds;
        double speed = seconds > 0 ? (Tokens - _lastTokens) / seconds : 0;
        TimeSpan left = Elapsed / Steps * (options.Steps - Steps);
        writer.WriteLine(
            $"step {Steps,5}/{options.Steps}  loss {Loss:0.0000}  grad {gradNorm:0.00}  lr {rate:0.00e+00}  {Tokens / 1e6:0.00} M tokens  {speed,6:0} tokens/s  {left:hh\\:mm\\:ss} to go");
        writer.Flush();
        (_lastTime, _lastTokens) = (clock.GetTimestamp(), Tokens);
    }
}
