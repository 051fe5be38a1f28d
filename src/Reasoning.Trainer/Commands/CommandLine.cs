using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Reasoning.Models;
using Reasoning.Models.Devices;
using Reasoning.Models.Files;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Distributed;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Servers;
using Reasoning.Trainer.Training;

namespace Reasoning.Trainer.Commands;

/// <summary>Reads the command line, runs one command, and turns every end into an exit code and at most one line of error.</summary>
internal static class CommandLine
{
    /// <summary>Runs the program.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(IReadOnlyList<string> args, Terminal terminal, CancellationToken cancel, Launch? launch = null)
    {
        launch ??= new Launch();
        if (args is ["help", ..]) return Run([.. args.Skip(1), "--help"], terminal, cancel);
        RootCommand root = Commands(terminal, cancel, launch);
        Option<int?> threads = CommonOptions.Threads();
        root.Options.Add(threads);
        try
        {
            ParseResult parsed =
                root.Parse(args, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
            bool lacksCommand = parsed.CommandResult.Command is { Action: null, Subcommands.Count: > 0 } && parsed.UnmatchedTokens.Count == 0;
            if (lacksCommand && parsed.Errors.Count <= 1 && (parsed.Action is null or ParseErrorAction)) return Run([.. args, "--help"], terminal, cancel);
            bool asksForHelp = parsed.Action is HelpText || (parsed.Action is not null && parsed.Errors.Count == 0);
            if (!asksForHelp) throw UsageError.Of(parsed);
            CheckPlaces(parsed);
            if (launch.IsOneOfSeveral && parsed.Action is not HelpText && parsed.CommandResult.Command.Name is not ("train" or "doctor"))
                throw new UserErrorException($"mpirun started this {launch.Count} times; {parsed.CommandResult.Command.Name} is for one process, only train divides its work");
            if (parsed.Errors.Count == 0 && parsed.GetValue(threads) is { } count) ComputeDevice.Threads = CommonOptions.InRange(count, 1, 1024, "--threads");
            if (parsed.Action is not HelpText) OpenSsl.MakeSure();
            return parsed.Invoke(new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = TextWriter.Null,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (UserErrorException e)
        {
            terminal.Progress($"error: {OneLine(e.Message)}");
            return ExitCode.BadInput;
        }
        catch (RunFailedException e)
        {
            return Failed(terminal, e, launch);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            terminal.Progress($"error: {OneLine(e.Message)}");
            return ExitCode.BadInput;
        }
        catch (ServerFailedException e)
        {
            terminal.Progress($"error: failed while running: {OneLine(e.Message)}");
            return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            terminal.Progress("interrupted");
            return ExitCode.Failed;
        }
        catch (Exception e)
        {
            terminal.Progress($"error: failed while running: {OneLine(e.Message)}");
            terminal.Progress(e.ToString());
            return ExitCode.Failed;
        }
    }

    internal static RootCommand Commands(Terminal terminal, CancellationToken cancel, Launch? launch = null)
    {
        var root = new RootCommand(
            "Makes a small language model better at math prompts without labels, at test time, and measures what that did.")
        {
            TrainCommand.Create(terminal, launch ?? new Launch(), cancel),
            CompareCommand.Create(terminal, cancel),
            EvalCommand.Create(terminal, cancel),
            SampleCommand.Create(terminal, cancel),
            ScoreCommand.Create(terminal),
            ContaminationCommand.Create(terminal, cancel),
            TokenizeCommand.Create(terminal),
            ChatCommand.Create(terminal),
            GradeCommand.Create(terminal),
            ExportCommand.Create(terminal),
            InspectCommand.Create(terminal),
            ReportCommand.Create(terminal),
            PullCommand.Create(terminal, cancel),
            PretrainCommand.Create(terminal, cancel),
            RecipesCommand.Create(terminal),
            ConfigCommand.Create(terminal),
            DoctorCommand.Create(terminal, launch ?? new Launch()),
            VerifyResumeCommand.Create(terminal, cancel),
            CompletionCommand.Create(terminal),
            ManCommand.Create(terminal),
        };
        root.Options.OfType<HelpOption>().Single().Action = new HelpText(terminal, settings: false);
        return root;
    }

    // What names a file or folder. An empty name, as a variable of a shell that is not set gives, is no folder, nor the current one.
    private static void CheckPlaces(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        IEnumerable<(string Name, SymbolResult? Result)> places =
        [
            .. command.Options.Where(option => option.HelpName is "DIR" or "FILE" or "DIR|FILE" or "FILE.gguf" or "FOLDER" or "RUN")
                .Select(option => (option.Name, (SymbolResult?)parsed.GetResult(option))),
            .. command.Arguments.Select(argument => (argument.Name, (SymbolResult?)parsed.GetResult(argument))),
        ];
        foreach ((string name, SymbolResult? result) in places)
        {
            foreach (Token token in result?.Tokens ?? [])
            {
                if (string.IsNullOrWhiteSpace(token.Value) || token.Value.Contains('\0'))
                    throw new UserErrorException($"{name} is '{token.Value}', which names no file or folder");
            }
        }
    }

    private static int Failed(Terminal terminal, RunFailedException failure, Launch launch)
    {
        Exception cause = failure.InnerException!;
        if (cause is IOException or UnauthorizedAccessException or NotWrittenException)
        {
            string next = File.Exists(failure.Run.RecordFile) ? $"go on with: reasoning train --resume --out {failure.Run.Path}" : "give the command again";
            string place = cause is NotWrittenException ? "" : $"{failure.Run.Path}: ";
            terminal.Progress($"error: {place}{OneLine(cause.Message)}; free some space, then {next}");
            return ExitCode.Failed;
        }

        string more = cause is ServerFailedException ? $"; go on with: reasoning train --resume --out {failure.Run.Path}" : $"; run folder: {failure.Run.Path}";
        terminal.Progress($"error: failed while running: {OneLine(cause.Message)}{more}");
        if (cause is not (NonFiniteException or ServerFailedException or RanksException)) terminal.Progress(cause.ToString());
        if (launch.Rank > 0) return ExitCode.Failed;
        try
        {
            Durable.Write(failure.Run.ErrorFile, file => File.WriteAllText(file, cause + "\n"));
        }
        catch (UserErrorException)
        {
            // The text is on the terminal already.
        }

        return ExitCode.Failed;
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
