using System.Globalization;

namespace Reasoning.Jinja;

/// <content>Filters of sequences and objects.</content>
internal static partial class Filters
{
    private static Value First(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Bind("first", 0);
        foreach (Value item in Sequences.Items(value, budget)) return item;
        return new UndefinedValue("an empty sequence has no first item");
    }

    private static Value Last(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Bind("last", 0);
        if (value is IteratorValue) throw new TemplateException("'last' does not work on a lazy sequence: put it through the filter 'list'");
        return Sequences.List(value, budget) is [.., var last] ? last : new UndefinedValue("an empty sequence has no last item");
    }

    private static IteratorValue Items(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Bind("items", 0);
        return value switch
        {
            UndefinedValue => new IteratorValue([]),
            DictValue dict => new IteratorValue(Sequences.Items(ContainerMethods.Items(dict), budget)),
            _ => throw new TemplateException($"'items' does not work on a {value.TypeName}"),
        };
    }

    private static IteratorValue Map(Value value, CallArguments arguments, Budget budget)
    {
        Func<Value, Value> change;
        if (arguments.Positional.Count == 0)
        {
            Value?[] bound = arguments.Bind("map", 1, "attribute", "default");
            change = AttributePath(bound[0]!, budget, bound[1]);
        }
        else
        {
            string name = StringMethods.Text(arguments.Positional[0], "map");
            if (!Exists(name)) throw new TemplateException($"the filter '{name}' is not supported");
            CallArguments rest = arguments.Skip(1);
            change = item => Apply(name, item, rest, budget);
        }
        return new IteratorValue(Sequences.Items(value, budget).Select(change));
    }

    private static IteratorValue Select(Value value, CallArguments arguments, Budget budget, bool wanted, bool byAttribute)
    {
        Func<Value, Value> of = item => item;
        if (byAttribute)
        {
            if (arguments.Positional.Count == 0) throw new TemplateException("the name of an attribute is missing");
            of = AttributePath(arguments.Positional[0], budget);
            arguments = arguments.Skip(1);
        }
        Func<Value, bool> test = item => item.IsTrue;
        if (arguments.Positional.Count > 0)
        {
            string name = StringMethods.Text(arguments.Positional[0], "select");
            if (!Tests.Exists(name)) throw new TemplateException($"the test '{name}' is not supported");
            CallArguments rest = arguments.Skip(1);
            test = item => Tests.Holds(name, item, rest, budget);
        }
        if (!value.IsTrue) return new IteratorValue([]);
        return new IteratorValue(Sequences.Items(value, budget).Where(item => test(of(item)) == wanted));
    }

    private static Value Reverse(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Bind("reverse", 0);
        List<Value> items = Sequences.List(value, budget);
        items.Reverse();
        return value switch
        {
            StringValue => Operators.Concat(items, budget),
            IteratorValue => SequenceValue.List(items),
            _ => new IteratorValue(items),
        };
    }

    private static SequenceValue Sort(Value value, CallArguments arguments, Budget budget)
    {
        Value?[] bound = arguments.Bind("sort", 0, "reverse", "case_sensitive", "attribute");
        // Keys are lists, one or several attributes long: what is equal needs no order, as several None.
        Value[] paths = bound[2] is StringValue { Text: var names }
            ? [.. names.Split(',').Select(name => new StringValue(name))]
            : [bound[2] ?? NoneValue.Instance];
        List<Func<Value, Value>> keys = [.. paths.Select(path => SortKey(path, bound[1], budget))];
        Func<Value, Value> key = item => SequenceValue.List([.. keys.Select(part => part(item))]);
        return SequenceValue.List(Sorted(Sequences.List(value, budget), key, bound[0]?.IsTrue ?? false, budget));
    }

    private static SequenceValue DictSort(Value value, CallArguments arguments, Budget budget)
    {
        Value?[] bound = arguments.Bind("dictsort", 0, "case_sensitive", "by", "reverse");
        string by = bound[1] is null ? "key" : StringMethods.Text(bound[1]!, "dictsort");
        if (by is not ("key" or "value")) throw new TemplateException("'dictsort' sorts by key or value");
        if (value is UndefinedValue missing) throw missing.Used();
        if (value is not DictValue dict) throw new TemplateException($"'dictsort' does not work on a {value.TypeName}");
        Func<Value, Value> fold = SortKey(null, bound[0], budget);
        List<Value> items = [.. ContainerMethods.Items(dict).Items];
        return SequenceValue.List(
            Sorted(items, item => fold(((SequenceValue)item).Items[by == "key" ? 0 : 1]), bound[2]?.IsTrue ?? false, budget));
    }

    private static IteratorValue Unique(Value value, CallArguments arguments, Budget budget)
    {
        Value?[] bound = arguments.Bind("unique", 0, "case_sensitive", "attribute");
        Func<Value, Value> key = SortKey(bound[1], bound[0], budget);
        var seen = new List<Value>();
        return new IteratorValue(Sequences.Items(value, budget).Where(item => IsNew(key(item))));

        bool IsNew(Value found)
        {
            RequireConstant(found, budget);
            if (seen.Exists(other => Operators.AreEqual(other, found, budget))) return false;
            seen.Add(found);
            return true;
        }
    }

    /// <summary>Refuses what Python could change, and so cannot tell apart by its hash.</summary>
    private static void RequireConstant(Value value, Budget budget)
    {
        budget.Spend();
        if (value is DictValue or SequenceValue { Kind: SequenceKind.List })
            throw new TemplateException($"'unique' does not work on a {value.TypeName}");
        if (value is not SequenceValue { Kind: SequenceKind.Tuple } tuple) return;
        foreach (Value item in tuple.Items) RequireConstant(item, budget);
    }

    private static Value Extreme(Value value, CallArguments arguments, Budget budget, string name, int sign)
    {
        Value?[] bound = arguments.Bind(name, 0, "case_sensitive", "attribute");
        Func<Value, Value> key = SortKey(bound[1], bound[0], budget);
        Value? best = null, bestKey = null;
        foreach (Value item in Sequences.Items(value, budget))
        {
            Value itemKey = key(item);
            if (bestKey is not null && !(Operators.Order(itemKey, bestKey, budget) * sign > 0)) continue;
            (best, bestKey) = (item, itemKey);
        }
        return best ?? new UndefinedValue("an empty sequence has no smallest or largest item");
    }

    private static Value Sum(Value value, CallArguments arguments, Budget budget)
    {
        Value?[] bound = arguments.Bind("sum", 0, "attribute", "start");
        Func<Value, Value> of = bound[0] is null or NoneValue ? item => item : AttributePath(bound[0]!, budget);
        Value sum = bound[1] ?? Numbers.Of(0);
        if (sum is StringValue) throw new TemplateException("'sum' does not join strings: use 'join'");
        foreach (Value item in Sequences.Items(value, budget)) sum = Operators.Apply(BinaryOperator.Add, sum, of(item), budget);
        return sum;
    }

    private static IteratorValue Batch(Value value, CallArguments arguments, Budget budget)
    {
        Value?[] bound = arguments.Bind("batch", 1, "linecount", "fill_with");
        int size = Numbers.Small(bound[0]!, "'linecount'");
        if (size < 1) throw new TemplateException("'batch' needs a size of at least 1");
        return new IteratorValue(Sequences.Items(value, budget).Chunk(size).Select(Filled));

        SequenceValue Filled(Value[] items)
        {
            if (items.Length == size || bound[1] is null or NoneValue) return SequenceValue.List(items);
            budget.Spend(size);
            return SequenceValue.List([.. items, .. Enumerable.Repeat(bound[1]!, size - items.Length)]);
        }
    }

    /// <summary>What an attribute path such as <c>function.name</c> or <c>0.id</c> finds in a value.</summary>
    private static Func<Value, Value> AttributePath(Value path, Budget budget, Value? otherwise = null)
    {
        Value[] parts = path is StringValue text
            ? [.. text.Text.Split('.').Select(Part)]
            : Numbers.Integer(path) is not null ? [path] : throw new TemplateException("an attribute is named by a string or a number");
        return value =>
        {
            foreach (Value part in parts)
            {
                budget.Spend();
                value = Members.Item(value, part, budget);
                if (value is UndefinedValue && otherwise is not (null or NoneValue)) value = otherwise;
            }
            return value;
        };

        static Value Part(string part) => part.Length is > 0 and < 10 && part.All(char.IsAsciiDigit)
            ? Numbers.Of(int.Parse(part, CultureInfo.InvariantCulture))
            : new StringValue(part);
    }

    private static Func<Value, Value> SortKey(Value? attribute, Value? caseSensitive, Budget budget)
    {
        bool keepsCase = caseSensitive?.IsTrue ?? false;
        if (attribute is null or NoneValue) return Fold;
        Func<Value, Value> of = AttributePath(attribute, budget);
        return item => Fold(of(item));

        Value Fold(Value value) => !keepsCase && value is StringValue text ? budget.String(CaseRules.Lower(text.Text)) : value;
    }

    private static List<Value> Sorted(List<Value> items, Func<Value, Value> keyOf, bool descending, Budget budget)
    {
        List<(Value Item, Value Key)> pairs = [.. items.Select(item => (item, keyOf(item)))];
        return [.. Merged(0, pairs.Count).Select(pair => pair.Item)];

        // Merging asks for few comparisons, keeps equal items in order, and lets errors of a comparison through as they are.
        List<(Value Item, Value Key)> Merged(int start, int end)
        {
            if (end - start < 2) return pairs[start..end];
            int middle = (start + end) / 2;
            List<(Value Item, Value Key)> left = Merged(start, middle), right = Merged(middle, end), merged = new(end - start);
            for (int i = 0, j = 0; i < left.Count || j < right.Count;)
            {
                bool takeRight = i == left.Count
                    || (j < right.Count && (descending
                        ? Operators.Order(left[i].Key, right[j].Key, budget) < 0
                        : Operators.Order(right[j].Key, left[i].Key, budget) < 0));
                merged.Add(takeRight ? right[j++] : left[i++]);
            }
            return merged;
        }
    }
}
