using System.Diagnostics;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Micro;

/// <summary>Durable appends of 700-byte entries by many producers, each waiting for its own: what group commit gives.</summary>
internal static class LogBenchmark
{
    public static async Task<double> RunAsync(int producers, TimeSpan time, string? postgres)
    {
        var folder = Directory.CreateTempSubdirectory("causeway-micro").FullName;
        try
        {
            await using var database = await Database.OpenAsync(new StorageOptions { DataFolder = folder, PostgresConnection = postgres });
            await Migrator.ApplyAsync(database, LogSchema.Migrations);
            await using var log = await LogWriter.StartAsync(database, new LogTail(), new Notifier());
            var body = new byte[700];
            long appended = 0;
            var started = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, producers).Select(async _ =>
            {
                while (Stopwatch.GetElapsedTime(started) < time)
                {
                    await log.AppendAsync(new Entry(body));
                    Interlocked.Increment(ref appended);
                }
            }));
            return appended / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class Entry(byte[] body) : LogUnit
    {
        public override int EntryCount => 1;

        public override void Write(WriteBatch batch, long first) =>
            LogSchema.AddRow(batch, new LogEntry(first, LogKind.Account, 0, null, null), body);

        public override void AddEntries(List<LogEntry> entries, long first) =>
            entries.Add(new LogEntry(first, LogKind.Account, 0, null, null));
    }
}
