using System.Diagnostics;
using Reasoning.Jinja;
using Reasoning.Models.Chat;

namespace Reasoning.Models.Tests;

/// <summary>Hostile templates end in one line, soon, without a stack overflow or a large allocation.</summary>
public sealed class TemplateBudgetTests
{
    private const long MostBytes = 1L << 30;

    public static TheoryData<string, string> Hostile => new()
    {
        { "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}", "operations" },
        { Times("{% for i in range(9) %}", 90) + "x" + Times("{% endfor %}", 90), "operations" },
        { "{{ range(100001) }}", "100000" },
        { "{% set ns = namespace(x='a') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}", "characters" },
        { "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}", "operations" },
        { "{% set ns = namespace(x=[1]) %}{% for i in range(999) %}{% set ns.x = [ns.x] %}{% endfor %}", "deeper" },
        { "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}", "characters" },
        { "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == [ns.x[0], [ns.x[1][0], ns.x[0][0]]] }}{{ ns.x|tojson }}", "operations" },
        { "{{ 'a' * 1000000000 }}", "characters" },
        { "{{ [1] * 1000000000 }}", "operations" },
        { "{{ 'a'|center(1000000000) }}", "characters" },
        { "{{ 'a\nb'|indent(1000000000) }}", "characters" },
        { "{{ [[1]]|tojson(indent=1000000000) }}", "characters" },
        { "{{ '%1000000000d' % 1 }}", "1000" },
        { "{{ 10 ** 100000000 }}", "bits" },
        { "{{ ('ab' * 1000000).replace('a', 'a' * 1000) }}", "characters" },
        { "{% for i in range(100000) %}{{ 'x' * 10000 }}{% endfor %}", "characters" },
        { "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "deeper" },
        { "{% set ns = namespace() %}{% macro m() %}{{ ns.f() }}{% endmacro %}{% set ns.f = m %}{{ m() }}", "deeper" },
        { "{% set ns = namespace() %}{% set ns.x = [ns] %}{{ ns.x }}", "no text" },
        { "{{ " + Times("(", 5000) + "1" + Times(")", 5000) + " }}", "deeper" },
        { "{{ " + Times("[", 5000) + "1" + Times("]", 5000) + " }}", "deeper" },
        { "{{ " + Times("not ", 5000) + "1 }}", "deeper" },
        { "{{ " + Times("-(", 5000) + "1" + Times(")", 5000) + " }}", "deeper" },
        { "{{ 1" + Times("+1", 20000) + " }}", "deeper" },
        { "{{ x" + Times(".a", 20000) + " }}", "deeper" },
        { "{{ x" + Times("|upper", 20000) + " }}", "deeper" },
        { "{{ x|upper" + Times(".a", 100000) + " }}", "filter 'upper.…'" },
        { "{{ " + Times("1 if 1 else ", 5000) + "1 }}", "deeper" },
        { Times("{% if 1 %}", 3000) + Times("{% endif %}", 3000), "deeper" },
        { Times("{% set x %}", 3000) + Times("{% endset %}", 3000), "deeper" },
        { Times("{% macro a() %}", 3000) + Times("{% endmacro %}", 3000), "deeper" },
        { "{% for " + Times("(", 5000) + "a" + Times(")", 5000) + " in x %}{% endfor %}", "deeper" },
        { Times("{#", 20000), "comment" },
        { Times("{", 20000), "tag" },
    };

    [Theory]
    [MemberData(nameof(Hostile), DisableDiscoveryEnumeration = true)]
    public void A_hostile_template_ends_in_one_line(string template, string reason)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        string message = Assert.Throws<TemplateException>(() => Template.Parse(template, "t").Render([], null)).Message;
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < MostBytes, "allocates too much");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"took {watch.Elapsed.TotalSeconds:0.0} s");
    }

    [Fact]
    public void What_is_only_long_is_no_offence()
    {
        Assert.Equal("20000", Render("{% set a = " + Times("1,", 20000) + " %}{{ a|length }}"));
        Assert.Equal("1", Render("{{ " + Times("1 and ", 20000) + "1 }}"));
        Assert.Equal(Times("a", 20000), Render("{{ " + Times("'a' ~ ", 19999) + "'a' }}"));
        Assert.Equal(Times("b", 20000), Render("{{ " + Times("'b' ", 20000) + "}}"));
        Assert.Equal("x", Render("{% if 0 %}" + Times("{% elif 0 %}", 20000) + "{% else %}x{% endif %}"));
        Assert.Equal("A", Render("{% filter upper" + Times("|upper", 20000) + " %}a{% endfilter %}"));
    }

    [Fact]
    public void A_long_conversation_fits()
    {
        string messages = "[" + string.Join(",", Enumerable.Range(0, 2000).Select(
            i => $$"""{"role": "{{(i % 2 == 0 ? "user" : "assistant")}}", "content": "{{Times("word ", 100)}}"}""")) + "]";
        string template = FamilyTemplates.All.Single(pair => pair.Family == "Phi 3").Template;
        string text = ChatFormat.Create(new Dictionary<string, string> { ["default"] = template }, new Dictionary<string, string>(), "t")
            .Text(ChatConversation.Parse(messages), new ChatOptions());
        Assert.Equal(1000, text.Split("<|user|>").Length - 1);
    }

    private static string Render(string template) => Template.Parse(template, "t").Render([], null);

    private static string Times(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
