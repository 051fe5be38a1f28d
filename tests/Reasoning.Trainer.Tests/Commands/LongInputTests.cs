using System.Diagnostics;
using System.Text.Json;
using Reasoning.Models.Files;

namespace Reasoning.Trainer.Tests.Commands;

/// <summary>Texts as long as a file can be: refused early, in memory that their length bounds.</summary>
public sealed class LongInputTests(ITestOutputHelper output)
{
    private const long Megabyte = 1 << 20;

    [Theory]
    [InlineData("prompts.json", "[{\"prompt\":\"TEXT\"}]")]
    [InlineData("prompts.json", "[{\"prompt\":\"x\",\"answer\":\"TEXT\"}]")]
    [InlineData("prompts.json", "[{\"prompt\":[{\"role\":\"system\",\"content\":\"x\"},{\"role\":\"user\",\"content\":\"TEXT\"}]}]")]
    [InlineData("prompts.jsonl", "{\"prompt\":\"TEXT\"}")]
    [InlineData("prompts.jsonl", "{\"prompt\":\"x\",\"other\":\"TEXT\"}")]
    [InlineData("prompts.jsonl", "TEXT")]
    [InlineData("messages.json", "[{\"role\":\"user\",\"content\":\"TEXT\"}]")]
    [InlineData("messages.json", "[{\"role\":\"system\",\"content\":\"TEXT\"},{\"role\":\"user\",\"content\":\"x\"}]")]
    [InlineData("chat_template.jinja", "TEXT")]
    [InlineData("reasoning.json", "{\"prompt_template\":\"TEXT {prompt}\"}")]
    [InlineData("recipe.yaml", "summary: TEXT")]
    [InlineData("tokenize", "TEXT")]
    [InlineData("tokenize --decode", "[TEXT]")]
    [InlineData("grade", "{\"gold\":\"1\",\"answer\":\"TEXT\"}")]
    [InlineData("grade", "{\"gold\":\"1\",\"response\":\"TEXT\"}")]
    public void A_text_that_is_too_long_is_refused_in_memory_that_its_length_bounds(string name, string form)
    {
        const int Length = 10_000_000;
        using var folder = new TempFolder();
        string model = folder.Copy(TinyModel.Folder), text = form.Replace("TEXT", new string('x', Length), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(model, "chat_template.jinja"), "{% for m in messages %}{{ m.content }}{% endfor %}");
        bool isOfModel = name is "chat_template.jinja" or "reasoning.json", isInput = !name.Contains('.', StringComparison.Ordinal);
        string file = isOfModel ? Path.Combine(model, name) : folder.File(name);
        if (!isInput) File.WriteAllText(file, text);
        string[] args = name switch
        {
            "messages.json" => ["chat", "--model", model, "--messages", file],
            "chat_template.jinja" => ["chat", "--model", model, "--messages", folder.Write("m.json", """[{"role":"user","content":"x"}]""")],
            "reasoning.json" => ["sample", "--model", model, "--prompt", "x", "--max-new-tokens", "8"],
            "recipe.yaml" => ["config", "show", "--recipe", file],
            "tokenize" or "tokenize --decode" => [.. name.Split(' '), "--model", model],
            "grade" => ["grade"],
            _ => ["eval", "--model", model, "--samples", "1", "--max-new-tokens", "8", "--prompts", file],
        };
        long before = GC.GetTotalAllocatedBytes();
        var clock = Stopwatch.StartNew();
        Cli run = isInput ? Cli.Feed(text, args) : Cli.Run(args);
        long allocated = GC.GetTotalAllocatedBytes() - before;
        output.WriteLine($"{name}: {allocated / Megabyte} MiB, {clock.Elapsed.TotalSeconds:F1} s");
        if (name is "recipe.yaml" || form.Contains("other", StringComparison.Ordinal)) Assert.True(run.ExitCode == 0, run.Error[..Math.Min(400, run.Error.Length)]);
        else Assert.InRange(run.BadInput().Length, 20, 500);
        Assert.InRange(allocated, 0, (4L * Length) + (32 * Megabyte));
    }

    [SlowTheory]
    [InlineData("tokenize", 1)]
    [InlineData("grade", 1)]
    [InlineData("eval", 100)]
    [InlineData("tokenize", 100)]
    public void Peak_memory_of_the_program_is_bounded_by_four_times_the_input(string command, int times)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        using var folder = new TempFolder();
        long small = Peak(folder, command, 100), large = Peak(folder, command, (FileLimits.Text - 100) * times);
        output.WriteLine($"{command}: {small / Megabyte} MiB with 100 characters, {large / Megabyte} MiB with {(FileLimits.Text - 100) * times}");
        Assert.InRange(small, 20 * Megabyte, 400 * Megabyte);
        Assert.InRange(large - small, -64 * Megabyte, Math.Max(128 * Megabyte, 4L * FileLimits.Text * times));
    }

    private static long Peak(TempFolder folder, string command, int characters)
    {
        string text = string.Concat(Enumerable.Repeat("Take 12 and 7. ", (characters / 15) + 1))[..characters];
        string input = command switch
        {
            "grade" => JsonSerializer.Serialize(new { gold = "1", response = text }),
            "eval" => JsonSerializer.Serialize(new { prompt = text }),
            _ => text,
        };
        string file = folder.Write("input", input);
        string[] args = command switch
        {
            "tokenize" => ["tokenize", "--model", TinyModel.Folder],
            "grade" => ["grade", "--json"],
            _ => ["eval", "--model", TinyModel.Folder, "--samples", "1", "--max-new-tokens", "8", "--prompts", file],
        };
        string program = typeof(Trainer.Commands.CommandLine).Assembly.Location;
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"exec dotnet \"{program}\" {string.Join(' ', args.Select(arg => $"'{arg}'"))} < '{file}' > /dev/null 2>&1"]);
        using Process process = Process.Start(start)!;
        long peak = 0;
        while (!process.WaitForExit(20))
        {
            try
            {
                string? line = File.ReadLines($"/proc/{process.Id}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
                if (line is not null) peak = Math.Max(peak, 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]));
            }
            catch (IOException)
            {
                // It has ended.
            }
        }

        return peak;
    }
}
