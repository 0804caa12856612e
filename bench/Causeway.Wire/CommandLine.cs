using System.Globalization;
using System.Net;
using System.Text;

namespace Causeway.Wire;

/// <summary>The arguments of a program: "--name value" pairs, checked against the names the program knows.</summary>
public sealed class CommandLine
{
    private readonly Dictionary<string, string> _values = [];

    public CommandLine(IReadOnlyList<string> arguments, IReadOnlyCollection<string> known)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            if (!known.Contains(arguments[i]))
            {
                throw new UsageException($"Unknown option {arguments[i]}. Known: {string.Join(' ', known)}");
            }

            if (i + 1 == arguments.Count)
            {
                throw new UsageException($"{arguments[i]} needs a value.");
            }

            _values[arguments[i]] = arguments[++i];
        }
    }

    public string? Find(string name) => _values.GetValueOrDefault(name);

    public string Get(string name, string otherwise) => Find(name) ?? otherwise;

    public int GetNumber(string name, int otherwise) => Find(name) is not { } text
        ? otherwise
        : int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : throw new UsageException($"{name} needs a number.");

    /// <summary>The address of the server under test: these programs talk to this machine only.</summary>
    public static IPEndPoint LoopbackEndpoint(string url)
    {
        var uri = new Uri(url);
        if (uri.Scheme != "http" || !uri.IsLoopback)
        {
            throw new UsageException("The server must be http://127.0.0.1:PORT: load is only ever put on this machine.");
        }

        return new IPEndPoint(IPAddress.Loopback, uri.Port);
    }

    /// <summary>Splits a command line at spaces; double quotes hold words together.</summary>
    public static List<string> Split(string command)
    {
        List<string> words = [];
        var word = new StringBuilder();
        var quoted = false;
        var begun = false;
        foreach (var c in command)
        {
            if (c == '"')
            {
                quoted = !quoted;
                begun = true;
            }
            else if (c == ' ' && !quoted)
            {
                if (begun)
                {
                    words.Add(word.ToString());
                }

                word.Clear();
                begun = false;
            }
            else
            {
                word.Append(c);
                begun = true;
            }
        }

        if (begun)
        {
            words.Add(word.ToString());
        }

        return words;
    }
}

/// <summary>The program was called wrongly.</summary>
public sealed class UsageException(string message) : Exception(message);
