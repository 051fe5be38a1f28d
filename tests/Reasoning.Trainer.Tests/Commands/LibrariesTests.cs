namespace Reasoning.Trainer.Tests.Commands;

/// <summary>libtorch takes a second to load: commands that need no tensors do without it.</summary>
public sealed class LibrariesTests
{
    [Theory]
    [InlineData("--help", false)]
    [InlineData("recipes", false)]
    [InlineData("config show --recipe ttrl", false)]
    [InlineData("grade --json", false)]
    [InlineData("tokenize --model MODEL --json", false)]
    [InlineData("chat --model MODEL --messages MESSAGES --json", false)]
    [InlineData("inspect MODEL", false)]
    [InlineData("score --model MODEL --text Take --json", true)]
    public void Only_commands_with_tensors_load_libtorch(string command, bool loads)
    {
        using var folder = new TempFolder();
        string model = folder.Copy(TinyModel.Folder), libraries = folder.File("libraries");
        File.WriteAllText(Path.Combine(model, "chat_template.jinja"), "{{ messages[0].content }}");
        string messages = folder.Write("messages.json", """[{"role": "user", "content": "Take 1 and 2"}]""");
        IEnumerable<string> args = command.Split(' ').Select(word => word switch { "MODEL" => model, "MESSAGES" => messages, _ => word });
        OtherProgram.Run(
            Path.Combine(AppContext.BaseDirectory, "reasoning"), args, "", seconds: 120,
            ("DOTNET_STARTUP_HOOKS", typeof(StartupHook).Assembly.Location), (StartupHook.FileVariable, libraries));

        string[] loaded = File.ReadAllLines(libraries);
        Assert.Contains(loaded, name => name.Contains("coreclr", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(loads, loaded.Any(name => name.Contains("torch_cpu", StringComparison.Ordinal)));
    }
}
