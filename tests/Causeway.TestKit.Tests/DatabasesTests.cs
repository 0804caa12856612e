using Npgsql;

namespace Causeway.TestKit.Tests;

public sealed class DatabasesTests
{
    [DatabaseTheory]
    public async Task Every_test_gets_a_database_of_its_own(string database)
    {
        await using var first = await TestDatabase.CreateAsync(database);
        await using var second = await TestDatabase.CreateAsync(database);

        Assert.Equal(database, first.Kind);
        Assert.NotEqual(first.ConnectionString, second.ConnectionString);
    }

    [DatabaseTheory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_row_of_data_runs_on_each_database(string database, int number)
    {
        Assert.Contains(database, Databases.Both);
        Assert.InRange(number, 1, 2);
    }

    [PostgresFact]
    public async Task PostgreSQL_keeps_what_was_committed_over_an_immediate_stop()
    {
        await using var server = await PostgresServer.CreateAsync(durable: true);
        var connectionString = await server.CreateDatabaseAsync();
        await ExecuteAsync(connectionString, "CREATE TABLE kept (n INT); INSERT INTO kept VALUES (7)");

        await server.RestartAsync(PostgresStop.Immediate);

        Assert.Equal(7, await ExecuteAsync(connectionString, "SELECT n FROM kept"));
    }

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
