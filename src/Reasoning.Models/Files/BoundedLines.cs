using System.Text;

namespace Reasoning.Models.Files;

/// <summary>Reads lines from an input that may never end one.</summary>
public static class BoundedLines
{
    /// <summary>The lines, without their ends.</summary>
    /// <param name="reader">Where from.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="most">Characters of the longest line.</param>
    /// <exception cref="UserErrorException">A line is longer; no more than that is read of it.</exception>
    public static IEnumerable<string> Of(TextReader reader, string name, int most)
    {
        char[] buffer = new char[1 << 14];
        var rest = new StringBuilder(); // of a line that the buffer has cut
        long number = 1;
        for (int count; (count = reader.Read(buffer, 0, buffer.Length)) > 0;)
        {
            int start = 0;
            for (int end; (end = Array.IndexOf(buffer, '\n', start, count - start)) >= 0; start = end + 1, number++)
            {
                Take(start, end - start);
                if (rest.Length > 0 && rest[^1] == '\r') rest.Length--;
                yield return rest.ToString();
                rest.Clear();
            }

            Take(start, count - start);
        }

        if (rest.Length > 0) yield return rest.ToString();

        void Take(int start, int length)
        {
            if (rest.Length + length > most) throw new UserErrorException($"{name}:{number}: the line has more than {most} characters");
            rest.Append(buffer, start, length);
        }
    }
}
