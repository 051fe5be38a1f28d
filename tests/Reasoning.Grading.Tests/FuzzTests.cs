using System.Diagnostics;

namespace Reasoning.Grading.Tests;

[Collection(TimedTests.Name)]
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int MostMilliseconds = 50;

    private static readonly string[] s_pieces =
    [
        "0", "1", "2", "9", "12", "345", "1,234", "0.5", ".25", "1e3", "9e999", "x", "y", "n", "i", "e", "C", "f", "+", "-", "*", "/", "^", "^{",
        "^{2}", "_", "_{1}", "(", ")", "[", "]", "{", "}", "\\{", "\\}", ",", ";", ":", "=", "<", ">", "\\le", "\\ne", "\\frac", "\\frac12",
        "\\frac{3}{4}", "\\sqrt", "\\sqrt{2}", "\\sqrt[3]{5}", "\\sqrt{", "\\pi", "\\pm", "\\infty", "\\%", "%", "$", "\\$", "\\text{cm}",
        "\\text{", " and ", " or ", " ", "|", "!", "!!", "\\cup", "\\in", "\\setminus", "\\mathbb{R}", "°", "\\\\", "&", "\\begin{pmatrix}",
        "\\end{pmatrix}", "\\begin{vmatrix}", "\\end{vmatrix}", "\\left(", "\\right)", "\\boxed{", "apples", "pm", "\\sin", "\\cos", "\\tan",
        "\\arctan", "\\ln", "\\log_2", "\\sum_{k=1}^{", "\\prod_{k=1}^{9}", "k", "\\binom", "\\lfloor", "\\rfloor", "9^{9^{9^9}}", "2^{1000}", "\\boxed ", "\\color{red}", "\\textcolor", "\\hspace{", "\\over", "\\begin{aligned}", "\\end{aligned}", "\\begin{array}{c}", "\\left.",
        "\\dot{", "...", "\\ldots", "(B) ", "half", "dozen", " and a half", "per ", "k\\in\\mathbb{Z}", " for all ", "km", "the answer is not ", "12元", "\\kern3pt", "\\angle ",
        "f(", "'", "**", "\\overline{3}", "≈", "\\unknown", "\u0000", "\uD800", "答", "😀", "\n", "\\", "½", "²", "e^{9}", "e^{-9999}", "10^{-500}",
    ];

    [Fact]
    public void Twenty_thousand_strings_neither_crash_nor_hang() => Fuzz(20_000, seed: 1);

    [SlowFact]
    public void One_million_strings_neither_crash_nor_hang() => Fuzz(1_000_000, seed: 2);

    private void Fuzz(int count, int seed)
    {
        Equivalence.Compare("\\sin 1", "\\cos 1"); // compiled before anything is timed
        long before = GC.GetTotalMemory(forceFullCollection: true), most = 0;
        (double slowest, string slowestText) = (0, "");
        string previous = "1";
        var outcomes = new int[4];
        for (int i = 0; i < count; i++)
        {
            var stream = new Random((seed * 10_000_000) + i);
            string text = Text(stream);
            (double time, long bytes, Outcome outcome) = Timed(text, previous);
            // A collection can fall into one measurement, not into several in a row.
            for (int again = 0; again < 3 && time > MostMilliseconds; again++) time = Math.Min(time, Timed(text, previous).Milliseconds);
            outcomes[(int)outcome]++;
            most = Math.Max(most, bytes);
            if (time > slowest) (slowest, slowestText) = (time, text);
            Assert.True(time <= MostMilliseconds, $"{time:F1} ms for {Start(text)} against {Start(previous)}");
            Assert.True(bytes <= 64 << 20, $"{bytes >> 20} MiB allocated for {Start(text)}");
            previous = text;
        }
        long kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(kept < 16 << 20, $"{kept >> 20} MiB stay behind");
        output.WriteLine($"{count} strings; slowest {slowest:F1} ms ({Start(slowestText)}); at most {most >> 10} KiB for one; "
            + string.Join(", ", outcomes.Select((n, i) => $"{(Outcome)i} {n}")));
    }

    private static (double Milliseconds, long Bytes, Outcome Outcome) Timed(string text, string previous)
    {
        // Processor time, so that other processes on the machine do not count.
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp(), allocated = GC.GetAllocatedBytesForCurrentThread();
        Outcome self = Equivalence.Compare(text, text);
        Outcome outcome = Equivalence.Compare(text, previous);
        double time = Math.Min(Stopwatch.GetElapsedTime(start).TotalMilliseconds, (Environment.CpuUsage.TotalTime - before).TotalMilliseconds);
        long bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
        bool isBlank = Answer.Parse(text).Kind == AnswerKind.Empty;
        Assert.Equal(isBlank ? Outcome.Unparsed : Outcome.Equal, self);
        Assert.Equal(outcome, Equivalence.Compare(previous, text));
        Assert.True(Enum.IsDefined(AnswerExtractor.Extract(text).Source));
        Assert.True(Enum.IsDefined(AnswerExtractor.ExtractWithFallbacks($"{previous} the answer is {text}").Source));
        Assert.True(Enum.IsDefined(new Grader(previous).GradeAnswer(text).Outcome));
        return (time, bytes, outcome);
    }

    private static string Text(Random stream)
    {
        switch (stream.Next(16))
        {
            case 0 or 1: // random characters
                char[] characters = new char[stream.Next(60)];
                for (int i = 0; i < characters.Length; i++) characters[i] = (char)stream.Next(stream.Next(8) == 0 ? 65_536 : 128);
                return new string(characters);
            case 2: // deep nesting
                string open = s_pieces[stream.Next(s_pieces.Length)] + "{";
                int depth = 1 + stream.Next(400);
                return string.Concat(Enumerable.Repeat(open, depth)) + "1" + new string('}', stream.Next(2) == 0 ? depth : stream.Next(depth));
            case 3: // one piece over and over
                return string.Concat(Enumerable.Repeat(s_pieces[stream.Next(s_pieces.Length)] + s_pieces[stream.Next(s_pieces.Length)], 1 + stream.Next(300)));
            case 4 when stream.Next(50) == 0: // far too long
                return string.Concat(Enumerable.Repeat(s_pieces[stream.Next(s_pieces.Length)] + "1", 50_000))[..100_000];
            case 5: // towers and functions of functions
                string[] outer = ["\\sqrt{", "\\sin{", "\\ln{", "9^{", "e^{", "\\frac1{", "\\arctan{", "2+\\sqrt[3]{"];
                string tower = s_pieces[stream.Next(8)];
                for (int i = 1 + stream.Next(6); i > 0; i--) tower = outer[stream.Next(outer.Length)] + tower + "}";
                return tower + "+" + s_pieces[stream.Next(s_pieces.Length)];
            default: // random pieces
                return string.Concat(Pieces(stream, 1 + stream.Next(24)));
        }
    }

    private static string[] Pieces(Random stream, int count)
    {
        string[] pieces = new string[count];
        for (int i = 0; i < count; i++) pieces[i] = s_pieces[stream.Next(s_pieces.Length)];
        return pieces;
    }

    private static string Start(string text) => text.Length <= 120 ? text : text[..120] + $"… ({text.Length} characters)";
}
