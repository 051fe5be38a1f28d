using System.Numerics;

namespace Reasoning.Jinja;

/// <summary>Functions that every template has.</summary>
internal static class Globals
{
    /// <summary>The limit of <c>range</c> in the sandbox of Jinja.</summary>
    private const int MaxRange = 100_000;

    /// <summary>The functions by name; <c>strftime_now</c> is among them where there is a date to give.</summary>
    public static IEnumerable<(string Name, Value Value)> All(Budget budget, DateTime? now)
    {
        yield return Function("range", arguments => Range(arguments, budget));
        yield return Function("dict", arguments => new DictValue(Entries("dict", arguments, budget)));
        yield return Function("namespace", arguments => new NamespaceValue(Namespace(arguments, budget)));
        yield return Function("joiner", Joiner);
        yield return Function("cycler", Cycler);
        yield return Function("raise_exception", arguments => throw new TemplateException(
            $"the template refuses the conversation: {PythonText.Of(arguments.Bind("raise_exception", 1, "message")[0]!, budget)}"));
        if (now is { } date)
        {
            yield return Function("strftime_now", arguments => budget.String(
                DateText.Format(date, StringMethods.Text(arguments.Bind("strftime_now", 1, "format")[0]!, "strftime_now"))));
        }
    }

    private static (string, Value) Function(string name, Func<CallArguments, Value> body) => (name, new FunctionValue(name, body));

    private static SequenceValue Range(CallArguments arguments, Budget budget)
    {
        List<BigInteger> bounds = [.. arguments.Bind("range", 1, "start", "stop", "step").OfType<Value>().Select(Bound)];
        (BigInteger start, BigInteger stop) = bounds.Count == 1 ? (0, bounds[0]) : (bounds[0], bounds[1]);
        BigInteger step = bounds.Count == 3 ? bounds[2] : 1;
        if (step.IsZero) throw new TemplateException("the step of 'range' is zero");
        BigInteger distance = step.Sign > 0 ? stop - start : start - stop;
        BigInteger count = distance.Sign <= 0 ? 0 : (distance + BigInteger.Abs(step) - 1) / BigInteger.Abs(step);
        if (count > MaxRange) throw new TemplateException($"'range' of more than {MaxRange} numbers");
        budget.Spend((long)count);
        return new SequenceValue(SequenceKind.Range, [.. Enumerable.Range(0, (int)count).Select(i => new IntegerValue(start + (i * step)))])
        {
            Text = step.IsOne ? $"range({start}, {stop})" : $"range({start}, {stop}, {step})",
        };

        static BigInteger Bound(Value value) => Numbers.Integer(value)
            ?? throw ((value as UndefinedValue)?.Used() ?? new TemplateException($"'range' needs integers, not a {value.TypeName}"));
    }

    /// <summary>What <c>dict</c> and <c>namespace</c> are given: an object or pairs, and values by keyword.</summary>
    private static List<(Value Key, Value Value)> Entries(string function, CallArguments arguments, Budget budget)
    {
        if (arguments.Positional.Count > 1) throw new TemplateException($"'{function}' takes one object");
        var entries = new List<(Value, Value)>();
        if (arguments.Positional is [DictValue dict])
        {
            budget.Spend(dict.Count);
            entries.AddRange(dict.Entries);
        }
        else if (arguments.Positional is [var pairs])
        {
            foreach (Value item in Sequences.Items(pairs, budget))
            {
                List<Value> pair = Sequences.List(item, budget);
                entries.Add(pair.Count == 2 ? (pair[0], pair[1]) : throw new TemplateException($"'{function}' needs pairs"));
            }
        }
        entries.AddRange(arguments.Named.Select(pair => ((Value)new StringValue(pair.Key), pair.Value)));
        return entries;
    }

    private static Dictionary<string, Value> Namespace(CallArguments arguments, Budget budget)
    {
        var attributes = new Dictionary<string, Value>();
        foreach ((Value key, Value value) in Entries("namespace", arguments, budget)) attributes[StringMethods.Text(key, "namespace")] = value;
        return attributes;
    }

    /// <summary>A function that gives nothing the first time, and its separator from then on.</summary>
    private static FunctionValue Joiner(CallArguments arguments)
    {
        Value separator = arguments.Bind("joiner", 0, "sep")[0] ?? new StringValue(", ");
        bool isUsed = false;
        return new FunctionValue("joiner", call =>
        {
            call.Bind("joiner", 0);
            Value value = isUsed ? separator : StringValue.Empty;
            isUsed = true;
            return value;
        });
    }

    private static NamespaceValue Cycler(CallArguments arguments)
    {
        if (arguments.Positional.Count == 0 || arguments.Named.Count > 0) throw new TemplateException("'cycler' needs at least one value");
        var cycler = new Dictionary<string, Value>();
        int position = 0;
        cycler["next"] = new FunctionValue("next", _ =>
        {
            Value value = arguments.Positional[position];
            Go((position + 1) % arguments.Positional.Count);
            return value;
        });
        cycler["reset"] = new FunctionValue("reset", _ =>
        {
            Go(0);
            return NoneValue.Instance;
        });
        Go(0);
        return new NamespaceValue(cycler);

        void Go(int place)
        {
            position = place;
            cycler["current"] = arguments.Positional[place];
        }
    }
}
