using Reasoning.Models;

namespace Reasoning.Trainer.Network;

/// <summary>Addresses that a person gives, which are printed and recorded.</summary>
internal static class Address
{
    /// <summary>An address without what stands behind its path, which may be a signature.</summary>
    public static string Show(Uri uri) => uri.GetLeftPart(UriPartial.Path);

    /// <summary>Whether a text is an address rather than a word or a file.</summary>
    public static bool Is(string text) =>
        text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Refuses a text that may bring a secret along, without repeating it.</summary>
    /// <param name="address">The text.</param>
    /// <param name="what">What was given it, for the message.</param>
    /// <param name="key">What to do with the key instead.</param>
    /// <exception cref="UserErrorException">It has a user, a password, a query or a fragment.</exception>
    public static string WithoutSecrets(string address, string what, string key) => address.AsSpan().ContainsAny('@', '?', '#')
        ? throw new UserErrorException($"{what} may hold no user, password, query or fragment, for it is recorded and published: {key}")
        : address;

    /// <summary>A token as an environment variable has it; null where it has none.</summary>
    /// <exception cref="UserErrorException">It cannot be one; the message does not repeat it.</exception>
    public static string? Token(string variable, string? token) => string.IsNullOrEmpty(token) ? null : token.All(c => c is > ' ' and < '\u007f') ? token
        : throw new UserErrorException($"{variable} is set to something that cannot be a token: it has spaces, line breaks or other characters");
}
