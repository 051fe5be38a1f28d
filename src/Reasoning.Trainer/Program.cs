using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Commands;

Terminal terminal = Terminal.OfProcess();
using var interrupt = new Interrupt(terminal);
return CommandLine.Run(args, terminal, interrupt.Token);
