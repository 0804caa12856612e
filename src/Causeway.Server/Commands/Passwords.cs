using System.Text;
using Causeway.Hosting;

namespace Causeway.Server.Commands;

/// <summary>How a password reaches a command: never on its command line, where every process of the machine could read it.</summary>
internal static class Passwords
{
    public static readonly Option FromInput = new("password-stdin", null, "read the password from the standard input's first line");

    private const int Shortest = 8;

    /// <summary>The password, and whether it was made here and must be shown.</summary>
    public static (string Password, bool IsNew) Get(Arguments arguments)
    {
        if (arguments.Has(FromInput.Name))
        {
            return (Check(Console.In.ReadLine() ?? ""), false);
        }

        if (Console.IsInputRedirected)
        {
            return (new IdSource().Letters(20), true);
        }

        var password = Ask("Password (empty: one is made for you): ");
        if (password.Length == 0)
        {
            return (new IdSource().Letters(20), true);
        }

        Check(password);
        return Ask("The same again: ") == password ? (password, false) : throw new CommandException("the two passwords differ.");
    }

    private static string Check(string password) => password.Length >= Shortest
        ? password
        : throw new CommandException($"a password has at least {Shortest} characters.");

    private static string Ask(string question)
    {
        Console.Error.Write(question);
        var typed = new StringBuilder();
        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key != ConsoleKey.Backspace)
            {
                typed.Append(key.KeyChar);
            }
            else if (typed.Length > 0)
            {
                typed.Length--;
            }
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }
}
