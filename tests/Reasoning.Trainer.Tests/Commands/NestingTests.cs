using System.Text;

namespace Reasoning.Trainer.Tests.Commands;

/// <summary>
/// A hundred thousand levels for every reader. What calls itself for each level overflows the stack, and the process ends: no test would
/// be left to say so.
/// </summary>
public sealed class NestingTests
{
    private const int Levels = 100_000;

    [Theory]
    [InlineData("[", "", "]")]
    [InlineData("{a: ", "", "}")]
    [InlineData("[", "", "")]
    [InlineData("- ", "", "")]
    [InlineData("? ", "", "")]
    [InlineData("&a [", "", "]")]
    [InlineData("!!seq [", "", "]")]
    public void Recipes(string open, string value, string close)
    {
        using var folder = new TempFolder();
        foreach (string before in (string[])["lora-targets: ", ""])
        {
            string file = folder.Write("recipe.yaml", before + Nested(open, value, close) + "\n");
            Assert.StartsWith($"error: {file}", Cli.Run("config", "show", "--recipe", file).BadInput());
        }
    }

    [Theory]
    [InlineData("{{ ", "(", "1", ")", " }}")]
    [InlineData("{{ ", "[", "", "]", " }}")]
    [InlineData("{{ ", "{1: ", "1", "}", " }}")]
    [InlineData("{{ ", "not ", "1", "", " }}")]
    [InlineData("{{ ", "-", "1", "", " }}")]
    [InlineData("{{ ", "1 if 1 else ", "1", "", " }}")]
    [InlineData("{{ ", "f(", "", ")", " }}")]
    [InlineData("{{ ", "2 ** ", "1", "", " }}")]
    [InlineData("{{ messages", ".a", "", "", " }}")]
    [InlineData("{{ messages", "[0]", "", "", " }}")]
    [InlineData("{{ 'a'", "|trim", "", "", " }}")]
    [InlineData("{{ 'a'", " ~ 'a'", "", "", " }}")]
    [InlineData("{{ 1", " + 1", "", "", " }}")]
    [InlineData("{{ 1", " and 1", "", "", " }}")]
    [InlineData("{{ 1", " == 1", "", "", " }}")]
    [InlineData("{{ 'a'", ".strip()", "", "", " }}")]
    [InlineData("", "{% if 1 %}", "", "{% endif %}", "")]
    [InlineData("{% if 0 %}", "{% elif 0 %}", "", "", "{% endif %}")]
    [InlineData("", "{% for a in [1] %}", "", "{% endfor %}", "")]
    [InlineData("", "{% macro a() %}", "", "{% endmacro %}", "")]
    public void Templates(string before, string open, string value, string close, string after)
    {
        int most = Math.Min(Levels, ((1 << 20) - 100) / (open.Length + close.Length)); // a longer template is refused for that
        string template = before + string.Concat(Enumerable.Repeat(open, most)) + value + string.Concat(Enumerable.Repeat(close, most)) + after;
        Assert.True(Chat(template).ExitCode is 0 or 2);
    }

    [Theory]
    [InlineData("{{ n.x }}")]
    [InlineData("{{ n.x | tojson }}")]
    [InlineData("{{ n.x | string | length }}")]
    [InlineData("{{ n.x == n.x }}")]
    [InlineData("{{ n.x == n.y }}")]
    [InlineData("{{ n.x in [n.y] }}")]
    [InlineData("{{ [n.x, n.y] | unique | list }}")]
    [InlineData("{{ {n.x: 1} }}")]
    [InlineData("{{ [n.x, n.y] | sort }}")]
    [InlineData("{{ '%s' | format(n.x) }}")]
    public void Values_of_templates(string use)
    {
        string[] loops = [.. Enumerable.Repeat("{% for i in range(10000) %}{% set n.x = [n.x] %}{% set n.y = [n.y] %}{% endfor %}", Levels / 10_000)];
        Assert.True(Chat("{% set n = namespace(x=[], y=[]) %}" + string.Concat(loops) + use).ExitCode is 0 or 2);
    }

    [Fact]
    public void Macros_that_call_themselves() => Chat("{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}").BadInput();

    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("[", "1", "]")]
    [InlineData("{", "1", "}")]
    [InlineData("\\{", "1", "\\}")]
    [InlineData("\\frac{", "1", "}{2}")]
    [InlineData("\\sqrt{", "1", "}")]
    [InlineData("\\left(", "1", "\\right)")]
    [InlineData("\\text{", "1", "}")]
    [InlineData("\\boxed{", "1", "}")]
    [InlineData("-", "1", "")]
    [InlineData("2^", "1", "")]
    [InlineData("\\sin ", "1", "")]
    [InlineData("|", "1", "|")]
    [InlineData("1", "!", "")]
    [InlineData("\\begin{pmatrix}", "1", "\\end{pmatrix}")]
    public void Answers(string open, string value, string close)
    {
        string nested = Nested(open, value, close, Math.Min(Levels, 900_000 / (open.Length + close.Length)))
            .Replace("\\", "\\\\", StringComparison.Ordinal);
        foreach (string line in (string[])
            [$$"""{"gold":"1","answer":"{{nested}}"}""", $$"""{"gold":"{{nested}}","answer":"1"}""", $$"""{"gold":"1","response":"so \\boxed{ {{nested}} }"}"""])
        {
            Cli run = Cli.Feed(line, "grade", "--explain", "--answer-place", "anywhere");
            Assert.True(run.ExitCode == 0, run.Error);
        }
    }

    [Theory]
    [InlineData("grade")]
    [InlineData("tokenize", "--decode")]
    public void Standard_input(params string[] args)
    {
        foreach (string open in (string[])["[", "{\"a\":"])
        {
            string nested = Nested(open, "1", open == "[" ? "]" : "}");
            Cli.Feed(nested, [.. args, .. args[0] == "tokenize" ? (string[])["--model", TinyModel.Folder] : []]).BadInput();
            Cli.Feed($$"""{"gold":{{nested}}}""", [.. args, .. args[0] == "tokenize" ? (string[])["--model", TinyModel.Folder] : []]).BadInput();
        }
    }

    [Fact]
    public void Variables_of_a_conversation() => Chat("{{ a }}", "--set", $"a={Nested("[", "1", "]")}");

    [Theory]
    [InlineData("(", ")")]
    [InlineData("(?:", ")")]
    [InlineData("(?=", ")")]
    [InlineData("[", "]")]
    [InlineData("[^", "]")]
    [InlineData("a|", "")]
    [InlineData("a{1}", "")]
    [InlineData("(a)*", "")]
    public void Patterns_of_a_tokenizer(string open, string close)
    {
        using var folder = new TempFolder();
        string copy = folder.Copy(TinyModel.Folder), file = Path.Combine(copy, "tokenizer.json"), text = File.ReadAllText(file);
        string split = $$$"""{"type":"Split","pattern":{"Regex":"{{{Nested(open, "a", close)}}}"},"behavior":"Isolated","invert":false}""";
        int at = text.IndexOf("\"pre_tokenizer\"", StringComparison.Ordinal);
        Assert.True(at > 0);
        File.WriteAllText(file, text[..at] + $"\"pre_tokenizer\":{split},\"_was\"" + text[(at + "\"pre_tokenizer\"".Length)..]);
        Assert.Contains("tokenizer.json", Cli.Run("score", "--model", copy, "--text", "x").BadInput());
    }

    [Fact]
    public void Arrays_of_arrays_in_GGUF()
    {
        using var folder = new TempFolder();
        string file = folder.File("deep.gguf");
        using (var writer = new BinaryWriter(File.Create(file)))
        {
            writer.Write("GGUF"u8);
            writer.Write(3u);
            writer.Write(0UL);
            writer.Write(1UL);
            writer.Write(1UL);
            writer.Write("a"u8);
            writer.Write(9u); // an array
            for (int i = 0; i < Levels; i++)
            {
                writer.Write(9u); // of arrays
                writer.Write(1UL);
            }
        }

        Assert.Contains("deep.gguf", Cli.Run("inspect", file).BadInput());
    }

    [Theory]
    [InlineData(0x1C)] // the next field, a structure
    [InlineData(0xFC)] // a field that no version knows, a structure
    [InlineData(0xF9)] // the same, a list
    [InlineData(0x19)]
    [InlineData(0xFB)] // the same, a map
    public void Structures_in_the_footer_of_Parquet(byte header)
    {
        using var folder = new TempFolder();
        string file = folder.File("deep.parquet");
        byte[] footer = new byte[Levels];
        Array.Fill(footer, header);
        File.WriteAllBytes(file, [.. "PAR1"u8, .. footer, .. BitConverter.GetBytes(footer.Length), .. "PAR1"u8]);
        Assert.Contains("deep.parquet", Cli.Run("eval", "--model", TinyModel.Folder, "--prompts", file).BadInput());
    }

    [Theory]
    [InlineData("run.json")]
    [InlineData("metrics.jsonl")]
    [InlineData("samples.jsonl")]
    [InlineData("eval-base-target.json")]
    public void Files_of_a_run(string name)
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "ttrl", "run", "--steps", "1", "--set", "updates-per-rollout=1").ExitCode);
        foreach ((string open, string close) in ((string, string)[])[("[", "]"), ("{\"a\":", "}")])
        {
            File.WriteAllText(Path.Combine(folder.File("run"), name), $$"""{"step":{{Nested(open, "1", close)}}}{{"\n{}\n"}}""");
            Assert.Contains(name, Cli.Run("inspect", folder.File("run"), "--to-parquet", folder.File("tables")).BadInput());
        }
    }

    private static Cli Chat(string template, params string[] more)
    {
        using var folder = new TempFolder();
        string copy = folder.Copy(TinyModel.Folder);
        File.WriteAllText(Path.Combine(copy, "chat_template.jinja"), template);
        Cli run = Cli.Run(["chat", "--model", copy, "--messages", folder.Write("messages.json", """[{"role":"user","content":"Hi"}]"""), .. more]);
        if (run.ExitCode != 0) run.BadInput();
        return run;
    }

    private static string Nested(string open, string value, string close, int levels = Levels)
    {
        var text = new StringBuilder((open.Length + close.Length) * levels);
        return text.Insert(0, open, levels).Append(value).Insert(text.Length, close, levels).ToString();
    }
}
