using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Commands;
using Reasoning.Trainer.Distributed;

Launch launch = Launch.OfProcess();
var errors = new LastError();
Terminal terminal = launch.Rank == 0 ? Terminal.OfProcess() : Terminal.Silent(errors);

// mpirun ends its ranks by the signal that asks them to stop: then there is nothing to say.
using var interrupt = new Interrupt(launch.IsOneOfSeveral ? _ => { } : line => terminal.Progress(line));
int code = CommandLine.Run(args, terminal, interrupt.Token, launch);
return launch.End(code, errors.Line, interrupt.Token);
