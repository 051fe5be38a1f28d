namespace Reasoning.Trainer.Servers;

/// <summary>A server that had answered fails, or says what makes no sense: the command has failed while running.</summary>
internal sealed class ServerFailedException(string message) : Exception(message);
