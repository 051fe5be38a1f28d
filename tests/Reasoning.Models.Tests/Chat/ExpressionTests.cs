using Reasoning.Models.Random;

namespace Reasoning.Models.Tests;

/// <summary>Random expressions against Jinja2.</summary>
public sealed class ExpressionTests(ITestOutputHelper output)
{
    private const int Default = 3000;
    private const int Slow = 100_000;

    [Fact]
    public void Random_expressions_have_the_values_of_Jinja2()
    {
        int count = SlowFactAttribute.IsAsked ? Slow : Default;
        List<TemplateCase> cases = [.. Enumerable.Range(0, count).Select(Case)];
        List<string?> expected = TemplateOracles.Jinja2(cases);
        TemplateOracles.AssertSame(cases, expected);
        output.WriteLine($"{cases.Count} expressions agree, {expected.Count(text => text is null)} of them errors");
    }

    private static TemplateCase Case(int number)
    {
        var random = new KeyedStream(20_261_121, (ulong)number);
        return new TemplateCase($"expression {number}", ExpressionCorpus.Template(ref random), ExpressionCorpus.Variables);
    }
}
