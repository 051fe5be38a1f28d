using Reasoning.Trainer.Cli;

using var interrupt = new Interrupt(Console.Error);
return CommandLine.Run(args, Terminal.OfProcess(), interrupt.Token);
