using Reasoning.Models.Random;

namespace Reasoning.Models.Tests;

/// <summary>Templates made of random expressions, most of them valid: the same on every run.</summary>
internal static class ExpressionCorpus
{
    /// <summary>The variables that all templates use, as JSON.</summary>
    internal const string Variables = """
        {"s": "Hello, wide World", "t": "  pad\u00e9 \ud83d\ude00\n", "e": "", "n": 7, "m": -3, "z": 0, "f": 2.5, "b": true, "c": false, "x": null,
         "l": [3, 1, 2, 1], "w": ["beta", "Alpha", "gamma", "alpha"], "k": [], "d": {"one": 1, "Two": "zwei", "three": [3, null, true]},
         "p": [{"name": "Ann", "age": 31, "role": "user"}, {"name": "bob", "age": 5, "role": "assistant"},
               {"name": "Cy", "role": "user", "tags": ["x", "y"]}]}
        """;

    private static readonly string[] s_texts = ["s", "t", "e", "d.Two", "p[0].name", "'a b'", "\"it's\"", "'\\n'", "'<i>'", "w[1]", "p[1]['role']"];
    private static readonly string[] s_integers = ["n", "m", "z", "3", "12", "-1", "l[0]", "d.one", "s|length", "l|length", "p[0].age"];
    private static readonly string[] s_lists = ["l", "w", "k", "[1, 2, 3]", "['x', 'y']", "p", "range(4)|list", "d.three", "(1, 'b')", "w[1:]", "s.split()"];
    private static readonly string[] s_any = ["x", "u", "b", "c", "f", "d", "none", "true", "d.missing", "p[9]", "{'q': n, 1: s}", "[]"];

    /// <summary>A template that writes a random expression.</summary>
    internal static string Template(ref KeyedStream random) => Pick(ref random, ["{{ ", "{{- ", "a {{ "]) + Any(ref random, 3) + " }}";

    private static string Any(ref KeyedStream random, int depth) => random.NextInt(8) switch
    {
        0 or 1 => Text(ref random, depth),
        2 or 3 => Integer(ref random, depth),
        4 => List(ref random, depth),
        5 or 6 => Truth(ref random, depth),
        _ => Pick(ref random, s_any),
    };

    private static string Text(ref KeyedStream random, int depth)
    {
        if (depth == 0) return Pick(ref random, s_texts);
        string inner = Text(ref random, depth - 1);
        return random.NextInt(22) switch
        {
            0 => $"({inner} + {Text(ref random, depth - 1)})",
            1 => $"({inner} ~ {Any(ref random, depth - 1)})",
            2 => $"{inner}|{Pick(ref random, ["upper", "lower", "trim", "title", "capitalize", "string", "reverse", "first", "last"])}",
            3 => $"{Any(ref random, depth - 1)}|string",
            4 => $"{Any(ref random, depth - 1)}|tojson",
            5 => $"{List(ref random, depth - 1)}|join({Pick(ref random, ["', '", "''", "'-', attribute='name'", "d='|'"])})",
            6 => $"{inner}|replace({Text(ref random, 0)}, {Text(ref random, 0)}{Pick(ref random, ["", ", 1"])})",
            7 => $"({inner}).{Pick(ref random, ["strip", "lstrip", "rstrip", "upper", "lower", "title", "capitalize", "swapcase"])}()",
            8 => $"({inner}).strip({Text(ref random, 0)})",
            9 => $"{inner}[{Bound(ref random)}:{Bound(ref random)}{Pick(ref random, ["", ":2", ":-1", ":"])}]",
            10 => $"{inner}[{Integer(ref random, 0)}]",
            11 => $"({Text(ref random, depth - 1)} if {Truth(ref random, depth - 1)} else {inner})",
            12 => $"{inner}|indent({Pick(ref random, ["", "2", "3, true", "width=1, blank=true", "'>'"])})",
            13 => $"({inner} * {Pick(ref random, ["2", "0", "-1", "b"])})",
            14 => $"{Any(ref random, depth - 1)}|default({Text(ref random, 0)}{Pick(ref random, ["", ", true"])})",
            15 => $"({inner}).replace({Text(ref random, 0)}, {Text(ref random, 0)})",
            16 => $"{inner}|center({Pick(ref random, ["9", "20"])})",
            17 => $"('%s and %05d' % ({inner}, {Integer(ref random, 0)}))",
            18 => $"({inner}).split({Pick(ref random, ["", "' '", "'l'", "' ', 1"])})[{Pick(ref random, ["0", "-1"])}]",
            19 => $"({inner}).{Pick(ref random, ["removeprefix", "removesuffix"])}({Text(ref random, 0)})",
            20 => $"({inner}).{Pick(ref random, ["ljust", "rjust", "center", "zfill"])}(8)",
            _ => inner,
        };
    }

    private static string Integer(ref KeyedStream random, int depth)
    {
        if (depth == 0) return Pick(ref random, s_integers);
        string inner = Integer(ref random, depth - 1);
        return random.NextInt(12) switch
        {
            0 or 1 => $"({inner} {Pick(ref random, ["+", "-", "*", "//", "%"])} {Integer(ref random, depth - 1)})",
            2 => $"{Any(ref random, depth - 1)}|{Pick(ref random, ["length", "count", "int", "float", "int(5)"])}",
            3 => $"{List(ref random, depth - 1)}|{Pick(ref random, ["first", "last", "min", "max", "sum", "length"])}",
            4 => $"-{inner}",
            5 => $"{inner}|abs",
            6 => $"({inner} / {Integer(ref random, depth - 1)})",
            7 => $"({Text(ref random, depth - 1)}).{Pick(ref random, ["find", "rfind", "count"])}({Text(ref random, 0)})",
            8 => $"({inner} ** {Pick(ref random, ["2", "0", "3"])})",
            9 => $"({inner} * {Pick(ref random, ["f", "0.5", "1e3"])})|round({Pick(ref random, ["", "1", "2, 'floor'", "0, 'ceil'"])})",
            _ => inner,
        };
    }

    private static string List(ref KeyedStream random, int depth)
    {
        if (depth == 0) return Pick(ref random, s_lists);
        string inner = List(ref random, depth - 1);
        return random.NextInt(14) switch
        {
            0 => $"{inner}[{Bound(ref random)}:{Bound(ref random)}{Pick(ref random, ["", "", ":2", ":-1"])}]",
            1 => $"{inner}|{Pick(ref random, ["list", "sort", "unique|list", "reverse|list", "sort(reverse=true)", "sort(case_sensitive=true)"])}",
            2 => $"{inner}|map({Pick(ref random, ["'upper'", "'string'", "attribute='name'", "attribute='age', default=0", "'tojson'"])})|list",
            3 => $"{inner}|{Pick(ref random, ["select", "reject"])}({Pick(ref random, ["", "'string'", "'odd'", "'defined'", "'in', [1, 'beta']", "'mapping'"])})|list",
            4 => $"p|{Pick(ref random, ["selectattr", "rejectattr"])}({Pick(ref random, ["'role', 'equalto', 'user'", "'tags'", "'tags', 'defined'", "'age', '>', 9"])})|list",
            5 => $"({inner} + {List(ref random, depth - 1)})",
            6 => $"[{Any(ref random, depth - 1)}, {Any(ref random, depth - 1)}]",
            7 => $"{Pick(ref random, ["d", "p[0]", "{}"])}.{Pick(ref random, ["items", "keys", "values"])}()|list",
            8 => $"d|{Pick(ref random, ["dictsort", "items|list", "dictsort(reverse=true)", "list"])}",
            9 => $"{Text(ref random, depth - 1)}|list",
            10 => $"{inner}|batch(2{Pick(ref random, ["", ", 'z'"])})|list",
            11 => $"({Text(ref random, depth - 1)}).{Pick(ref random, ["split()", "splitlines()", "split('a')", "rsplit(' ', 1)", "partition('o')"])}",
            _ => inner,
        };
    }

    private static string Truth(ref KeyedStream random, int depth)
    {
        if (depth == 0) return Pick(ref random, ["b", "c", "not b", "n > 3", "s"]);
        string left = Any(ref random, depth - 1);
        return random.NextInt(9) switch
        {
            0 => $"({left} {Pick(ref random, ["==", "!="])} {Any(ref random, depth - 1)})",
            1 => $"({Integer(ref random, depth - 1)} {Pick(ref random, ["<", "<=", ">", ">="])} {Integer(ref random, depth - 1)})",
            2 => $"({left} is {Pick(ref random, ["", "not "])}{Pick(ref random, s_tests)})",
            3 => $"({Any(ref random, depth - 1)} {Pick(ref random, ["in", "not in"])} {List(ref random, depth - 1)})",
            4 => $"({Text(ref random, depth - 1)} in {Text(ref random, depth - 1)})",
            5 => $"(not {Truth(ref random, depth - 1)})",
            6 => $"({Truth(ref random, depth - 1)} {Pick(ref random, ["and", "or"])} {left})",
            7 => $"({Text(ref random, depth - 1)}).{Pick(ref random, ["startswith", "endswith"])}({Text(ref random, 0)})",
            _ => $"(1 < {Integer(ref random, depth - 1)} <= 9)",
        };
    }

    private static readonly string[] s_tests =
    [
        "defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "mapping", "iterable", "sequence", "true", "false",
        "odd", "even", "divisibleby(3)", "equalto('a b')", "eq 7", "in [1, 2, 'a b']", "lower", "upper", "sameas(none)", "ne(0)", "gt(2)", "callable",
    ];

    private static string Bound(ref KeyedStream random) => Pick(ref random, ["", "", "1", "-2", "0", "3", "n", "-9"]);

    private static string Pick(ref KeyedStream random, string[] choices) => choices[random.NextInt(choices.Length)];
}
