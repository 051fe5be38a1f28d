using Reasoning.Models;
using Reasoning.Trainer.Cli;

NativeRuntime.Prepare();
using var interrupt = new Interrupt(Console.Error);
return CommandLine.Run(args, Terminal.OfProcess(), interrupt.Token);
