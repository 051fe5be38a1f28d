using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Commands;

using var interrupt = new Interrupt(Console.Error);
return CommandLine.Run(args, Terminal.OfProcess(), interrupt.Token);
