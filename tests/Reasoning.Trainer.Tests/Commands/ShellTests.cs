using System.Runtime.InteropServices;
using Reasoning.Trainer.Tests.Runs;

namespace Reasoning.Trainer.Tests.Commands;

/// <summary>What shells and manual pages make of what the program prints for them.</summary>
public sealed class ShellTests
{
    private static readonly string s_man = Cli.Run("man").Out;

    [Theory]
    [InlineData("reasoning tr", "train")]
    [InlineData("reasoning train --see", "--seed --seeds")]
    [InlineData("reasoning train --recipe tt", "ttrl")]
    [InlineData("reasoning train --set learning-r", "learning-rate=")]
    [InlineData("reasoning sample --prompt-style c", "chat")]
    [InlineData("reasoning config di", "diff")]
    [InlineData("reasoning completion z", "zsh")]
    [InlineData("reasoning eval --model nothing-begins-like-th", "")]
    public void Bash_completes(string line, string expected)
    {
        string script = $$"""
            eval "$(reasoning completion bash)"
            COMP_LINE='{{line}}'; COMP_POINT=${#COMP_LINE}; read -ra COMP_WORDS <<< "$COMP_LINE"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            complete -p reasoning >&2
            _reasoning
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        Assert.Equal(expected.Split(' '), Words(Shell("bash", ["-c", script])));
    }

    [Fact]
    public void Zsh_completes()
    {
        // compadd and _files work only while zsh completes, so what they are given is printed.
        const string Script = """
            compdef() { :; }; compadd() { shift; print -l -- $@; }; _files() { print FILES; }
            eval "$(reasoning completion zsh)"
            words=(reasoning train --recipe ttr); CURRENT=4; _reasoning
            words=(reasoning eval --model nothing-begins-like-th); CURRENT=4; _reasoning
            """;
        Assert.Equal(["ttrl", "FILES"], Words(Shell("zsh", ["-f", "-c", Script])));
    }

    [Fact]
    public void Fish_completes()
    {
        string output = Shell("fish", ["--no-config", "-c", "reasoning completion fish | source; complete -C 'reasoning train --recipe tt'"]);
        Assert.Equal(["ttrl"], Words(output));
    }

    [Fact]
    public void PowerShell_completes()
    {
        const string Script = """
            reasoning completion powershell | Out-String | Invoke-Expression
            $line = 'reasoning train --recipe ttr'
            (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.CompletionText
            """;
        Assert.Equal(["ttrl"], Words(Shell("pwsh", ["-NoProfile", "-NonInteractive", "-Command", Script], "dotnet tool install -g PowerShell --version 7.6.9")));
    }

    [Fact]
    public void Every_shell_gets_a_script_and_another_word_is_refused()
    {
        foreach (string shell in (string[])["bash", "zsh", "fish", "powershell"]) Assert.Contains("[suggest:", Cli.Run("completion", shell).Out);
        Cli.Run("completion", "csh").BadInput();
    }

    [Fact]
    public void The_manual_page_has_every_command_and_option_of_the_help()
    {
        string plain = s_man.Replace("\\-", "-", StringComparison.Ordinal);
        foreach (string command in HelpTests.Commands.Select(row => row.Data).Where(command => command.Length > 0))
        {
            Assert.Contains($".SS {command}", plain);
            IEnumerable<string> options = Cli.Run([.. command.Split(' '), "--help"]).Out.Split('\n')
                .Where(line => line.StartsWith("  --", StringComparison.Ordinal)).Select(line => line.Trim().Split(' ')[0]);
            Assert.All(options, option => Assert.Contains($"\n.B {option}", plain));
        }
    }

    [Theory]
    [InlineData("mandoc", "-T", "lint", "-W", "warning")]
    [InlineData("groff", "-man", "-ww", "-K", "utf8", "-T", "utf8", "-z")]
    public void The_manual_page_is_well_formed(string program, params string[] arguments)
    {
        using var folder = new TempFolder();
        string page = folder.Write("reasoning.1", s_man);
        (int code, string output, string error) = OtherProgram.Start(program, [.. arguments, page], "", 60);
        Assert.SkipWhen(code == -1, $"{program} is not installed (Debian: apt-get install {program})");
        Assert.True(code == 0 && output.Length == 0 && error.Length == 0, output + error);
    }

    [Fact]
    public void The_version_is_printed() => Assert.Matches(@"^\d+\.\d+\.\d+", Cli.Run("--version").Out);

    private static string[] Words(string text) => text.TrimEnd('\n').Split('\n');

    /// <summary>Runs a shell that finds this program as <c>reasoning</c>.</summary>
    private static string Shell(string shell, string[] arguments, string? install = null)
    {
        Assert.SkipWhen(RuntimeInformation.IsOSPlatform(OSPlatform.Windows), "shells of Unix");
        Assert.SkipUnless(OtherProgram.Start(shell, ["--version"], "", 20).Code == 0, $"{shell} is not installed ({install ?? $"Debian: apt-get install {shell}"})");
        string path = $"{Path.GetDirectoryName(OwnProcess.File)}:{Environment.GetEnvironmentVariable("PATH")}";
        return OtherProgram.Run(shell, arguments, "", 60, ("PATH", path));
    }
}
