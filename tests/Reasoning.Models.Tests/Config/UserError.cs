namespace Reasoning.Models.Tests.Formats;

/// <summary>For tests of what a person gets to read.</summary>
internal static class UserError
{
    /// <summary>The message of the error that an action must end with.</summary>
    public static string Message(Action action) => Assert.ThrowsAny<UserErrorException>(action).Message;
}
