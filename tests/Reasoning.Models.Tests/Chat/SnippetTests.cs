using Reasoning.Jinja;

namespace Reasoning.Models.Tests;

/// <summary>Each construct on its own, against two other engines and, for the rules that templates lean on, against what they must give.</summary>
public sealed class SnippetTests(ITestOutputHelper output)
{
    [Fact]
    public void Constructs_do_what_they_do_in_huggingface_jinja()
    {
        NodeOracle.Require("@huggingface/jinja");
        List<TemplateCase> cases = [.. TemplateSnippets.All.Where(item => item.NodeAgrees)];
        TemplateOracles.AssertSame(cases, TemplateOracles.Node(cases));
        output.WriteLine($"{cases.Count} templates agree");
    }

    [Fact]
    public void Constructs_do_what_they_do_in_Jinja2()
    {
        List<TemplateCase> cases = [.. TemplateSnippets.All];
        TemplateOracles.AssertSame(cases, TemplateOracles.Jinja2(cases));
        output.WriteLine($"{cases.Count} templates agree");
    }

    [Theory]
    [InlineData("  {% if true %}\n  x\n  {% endif %}\ny\n", "  x\ny")]
    [InlineData("a\n\n{%- if true -%}\n b {%- endif %}\nc", "abc")]
    [InlineData("  {%+ if true +%}\nx{% endif %}", "  \nx")]
    [InlineData("a {# gone #}\nb", "a b")]
    [InlineData("x\n  {{ 1 }}\n y\n\n", "x\n  1\n y\n")]
    [InlineData("a\r\nb\r", "a\nb")]
    [InlineData("{% raw %}{{ x }}{% endraw %}", "{{ x }}")]
    [InlineData("{{ none }} {{ true }} {{ 1.0 }} {{ 1e16 }} {{ ['a', none, 2.5] }}", "None True 1.0 1e+16 ['a', None, 2.5]")]
    [InlineData("{{ {'a': [1, 'é']}|tojson }} {{ {'a': [1]}|tojson(indent=2) }}", "{\"a\": [1, \"é\"]} {\n  \"a\": [\n    1\n  ]\n}")]
    [InlineData("{{ 'a😀b'|length }} {{ 'a😀b'[::-1] }} {{ 'a😀b'[1] }}", "3 b😀a 😀")]
    [InlineData("{% set x = 1 %}{% for i in range(2) %}{% set x = 2 %}{% endfor %}{{ x }}", "1")]
    [InlineData("{% set ns = namespace(x=1) %}{% for i in range(3) %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}", "4")]
    [InlineData("{{ {'items': 1}['items'] }} {{ {'items': 1}.items()|list }}", "1 [('items', 1)]")]
    [InlineData("{{ '\\n\\n a \\n'.strip('\\n') }}|{{ ' x '|trim }}", " a |x")]
    [InlineData("{{ (2 + 3) ~ 4 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }}", "54 -4 2 3.5")]
    [InlineData("{{ {'a': 1}|attr('a') is defined }} {{ {'items': 1}|attr('items') is callable }} {{ ('x'|attr('upper'))() }}", "False True X")]
    [InlineData("{{ [5]|attr('0') is defined }} {{ [{'a': 1}]|map('attr', 'a')|first is defined }}", "False False")]
    [InlineData("{{ missing }}{{ missing.x if missing else 'no' }}", "no")]
    public void A_template_gives(string template, string expected) =>
        Assert.Equal(expected, TemplateOracles.Ours(new TemplateCase(template, template, "{}")));

    [Theory]
    [InlineData("{% include 'x' %}", "line 1", "'include'")]
    [InlineData("{% extends 'x' %}", "line 1", "'extends'")]
    [InlineData("\n{% import 'x' as y %}", "line 2", "'import'")]
    [InlineData("{% block a %}{% endblock %}", "line 1", "'block'")]
    [InlineData("{% do x %}", "line 1", "'do'")]
    [InlineData("\n\n{{ x|pprint }}", "line 3", "filter 'pprint'")]
    [InlineData("{{ x is cheap }}", "line 1", "test 'cheap'")]
    [InlineData("{{ 'x'.encode() }}", "line 1", "'str.encode'")]
    [InlineData("{{ [1].append(2) }}", "line 1", "'list.append'")]
    [InlineData("{% for x in y recursive %}{% endfor %}", "line 1", "recursive")]
    [InlineData("{{ 'a' + \n 1 }}", "line 1", "str and int")]
    [InlineData("a\n{{ missing.field }}", "line 2", "'missing' is undefined")]
    [InlineData("{{ raise_exception('no\nway') }}", "line 1", "refuses the conversation: no way")]
    [InlineData("{% if x %}", "line 1", "'endif' is missing")]
    [InlineData("{{ strftime_now('%Y') }}", "line 1", "'strftime_now' is undefined")]
    public void What_is_not_supported_is_refused_with_its_name_and_line(string template, string line, string what)
    {
        string message = new UserErrorException(Assert.Throws<TemplateException>(() => Template.Parse(template, "file").Render([], null)).Message).Message;
        Assert.StartsWith($"file, {line}: ", message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void The_date_is_what_is_given()
    {
        var date = new DateTime(2024, 7, 5, 9, 8, 7);
        string text = Template.Parse("{{ strftime_now('%d %b %Y|%B %-d, %y|%H:%M:%S %p %j %A %%') }}", "t").Render([], date);
        Assert.Equal("05 Jul 2024|July 5, 24|09:08:07 AM 187 Friday %", text);
    }
}
