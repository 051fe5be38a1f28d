namespace Reasoning.Jinja;

/// <summary>Positions and slices of sequences, counted from the end where negative.</summary>
internal static class Slices
{
    /// <summary>The element at a position, or null outside of the sequence.</summary>
    public static Value? At(Value target, int index, Budget budget)
    {
        switch (target)
        {
            case StringValue text:
                budget.Spend(text.Text.Length / 16);
                int length = CodePoints.Count(text.Text);
                int position = index < 0 ? index + length : index;
                if ((uint)position >= (uint)length) return null;
                return new StringValue(length == text.Text.Length
                    ? text.Text.Substring(position, 1)
                    : CodePoints.Of(text.Text).ElementAt(position));
            case SequenceValue { Kind: not SequenceKind.View } sequence:
                int place = index < 0 ? index + sequence.Items.Count : index;
                return (uint)place < (uint)sequence.Items.Count ? sequence.Items[place] : null;
            default:
                return null;
        }
    }

    /// <summary>A part of a string or sequence; a bound that is null is at the end it stands for.</summary>
    /// <exception cref="TemplateException">The value is no sequence, a bound no integer, or the step zero.</exception>
    public static Value Of(Value target, Value? start, Value? stop, Value? step, Budget budget)
    {
        if (target is UndefinedValue missing) throw missing.Used();
        int by = step is null or NoneValue ? 1 : Numbers.Small(step, "the step of a slice");
        if (by == 0) throw new TemplateException("the step of a slice is zero");
        switch (target)
        {
            case StringValue text:
                budget.Text(text.Text.Length);
                if (CodePoints.Count(text.Text) == text.Text.Length)
                    return new StringValue(string.Concat(Indices(text.Text.Length, start, stop, by).Select(i => text.Text[i])));
                string[] points = [.. CodePoints.Of(text.Text)];
                return new StringValue(string.Concat(Indices(points.Length, start, stop, by).Select(i => points[i])));
            case SequenceValue { Kind: not SequenceKind.View } sequence:
                budget.Spend(sequence.Items.Count);
                return new SequenceValue(
                    sequence.Kind, [.. Indices(sequence.Items.Count, start, stop, by).Select(i => sequence.Items[i])]);
            default:
                throw new TemplateException($"a {target.TypeName} cannot be sliced");
        }
    }

    private static IEnumerable<int> Indices(int length, Value? start, Value? stop, int step)
    {
        int low = step > 0 ? 0 : -1, high = step > 0 ? length : length - 1;
        int from = Bound(start, step > 0 ? low : high), to = Bound(stop, step > 0 ? high : low);
        for (long i = from; step > 0 ? i < to : i > to; i += step) yield return (int)i;

        int Bound(Value? value, int otherwise)
        {
            if (value is null or NoneValue) return otherwise;
            if (value is UndefinedValue missing) throw missing.Used();
            long bound = Numbers.Small(value, "a bound of a slice");
            return (int)Math.Clamp(bound < 0 ? bound + length : bound, low, high);
        }
    }
}
