using System.CommandLine;
using Reasoning.Trainer.Cli;

namespace Reasoning.Trainer.Commands;

/// <summary>
/// <c>completion</c>: what a shell needs to complete commands, options and their words. The scripts ask the program itself, which parses the
/// line so far (its <c>[suggest:POSITION]</c>); where that knows nothing, the shell completes file names.
/// </summary>
internal static class CompletionCommand
{
    private static readonly Dictionary<string, string> s_scripts = new()
    {
        ["bash"] = """
            _reasoning() {
                local IFS=$'\n'
                COMPREPLY=($(compgen -W "$(reasoning "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -o bashdefault -F _reasoning reasoning
            """,
        ["zsh"] = """
            #compdef reasoning
            _reasoning() {
                local line="${(j: :)words[1,CURRENT]}"
                local -a found=("${(@f)$(reasoning "[suggest:${#line}]" "$line" 2>/dev/null)}")
                found=(${found:#})
                if (( $#found )); then compadd -- $found; else _files; fi
            }
            compdef _reasoning reasoning
            """,
        ["fish"] = """
            function __reasoning
                set -l line (commandline -cp)
                reasoning "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
            end
            complete -c reasoning -a '(__reasoning)'
            """,
        ["powershell"] = """
            Register-ArgumentCompleter -Native -CommandName reasoning -ScriptBlock {
                param($word, $line, $position)
                reasoning "[suggest:$position]" "$line" 2>$null | Where-Object { $_ -like "$word*" } | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
                }
            }
            """,
    };

    public static Command Create(Terminal terminal)
    {
        var shell = new Argument<string>("SHELL") { Description = "For which shell." };
        shell.AcceptOnlyFromAmong([.. s_scripts.Keys]);
        var command = new Command("completion", "Prints what makes a shell complete this program's commands and options.") { shell };
        command.SetAction(parsed =>
        {
            terminal.Out.WriteLine(s_scripts[parsed.GetValue(shell)!]);
            return ExitCode.Done;
        });
        return command;
    }
}
