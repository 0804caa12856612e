using Causeway.Hosting;

namespace Causeway.Server.Tests.Routes;

/// <summary>A body with every field that a route knows.</summary>
internal static class ValidBodies
{
    public static string Of(MatrixRoute route, string user, string room, string eventId) =>
        (route.Method + " " + route.Path.Replace("/_matrix/client/v3/", "", StringComparison.Ordinal)) switch
        {
            "POST register" => """{"username":"somebody","password":"p","device_id":"D","initial_device_display_name":"n","refresh_token":true,"inhibit_login":false,"auth":{"type":"m.login.dummy"}}""",
            "POST login" => $$$"""{"type":"m.login.password","identifier":{"type":"m.id.user","user":"{{{user}}}"},"user":"u","password":"p","device_id":"D","initial_device_display_name":"n","refresh_token":true}""",
            "POST search" => $$$$$"""{"search_categories":{"room_events":{"search_term":"hello","keys":["content.body"],"filter":{"limit":5,"rooms":["{{{{{room}}}}}"],"not_rooms":[],"senders":["{{{{{user}}}}}"],"types":["m.*"],"contains_url":false},"order_by":"recent","event_context":{"before_limit":1,"after_limit":1,"include_profile":true},"include_state":true,"groupings":{"group_by":[{"key":"room_id"}]}}}}""",
            "POST user_directory/search" => """{"search_term":"a","limit":5}""",
            "POST refresh" => """{"refresh_token":"x"}""",
            "POST account/password" => """{"new_password":"p","logout_devices":false,"auth":{"type":"m.login.password","password":"wrong","session":"x","identifier":{"type":"m.id.user","user":"u"}}}""",
            "POST account/deactivate" => """{"erase":false,"auth":{"type":"m.login.password","password":"wrong","identifier":{"type":"m.id.user","user":"u"}}}""",
            "POST delete_devices" => """{"devices":["D"],"auth":{"type":"m.login.password","password":"wrong"}}""",
            "PUT devices/{deviceId}" => """{"display_name":"n"}""",
            "PUT profile/{userId}/{keyName}" => """{"displayname":"n"}""",
            "POST user/{userId}/filter" => """{"event_fields":["type"],"event_format":"client","presence":{"types":["x"]},"account_data":{"not_types":["x"]},"room":{"rooms":["!r:x"],"not_rooms":["!r:x"],"include_leave":true,"timeline":{"limit":1,"senders":["@a:b"],"contains_url":true},"state":{"lazy_load_members":true,"include_redundant_members":true},"ephemeral":{},"account_data":{}}}""",
            "POST createRoom" => $$$$"""{"visibility":"private","preset":"private_chat","room_version":"11","room_alias_name":"a","name":"n","topic":"t","is_direct":true,"invite":["{{{{user}}}}"],"invite_3pid":[],"initial_state":[{"type":"a","state_key":"","content":{}}],"creation_content":{"m.federate":true,"type":"m.space","additional_creators":["{{{{user}}}}"],"predecessor":{}},"power_level_content_override":{"ban":50,"users":{"{{{{user}}}}":100},"events":{"a":50},"notifications":{"room":50}}}""",
            "PUT rooms/{roomId}/send/{eventType}/{txnId}" => $$$"""{"msgtype":"m.text","body":"b","m.mentions":{"user_ids":["{{{user}}}"],"room":true},"m.relates_to":{"rel_type":"m.thread","event_id":"{{{eventId}}}"},"url":"mxc://a/b"}""",
            "POST rooms/{roomId}/invite" or "POST rooms/{roomId}/kick" or "POST rooms/{roomId}/ban" or "POST rooms/{roomId}/unban" => """{"user_id":"@nobody:localhost","reason":"r"}""",
            "POST rooms/{roomId}/receipt/{receiptType}/{eventId}" => """{"thread_id":"main"}""",
            "POST rooms/{roomId}/read_markers" => $$$"""{"m.fully_read":"{{{eventId}}}","m.read":"{{{eventId}}}","m.read.private":"{{{eventId}}}"}""",
            "PUT rooms/{roomId}/typing/{userId}" => """{"typing":true,"timeout":1000}""",
            "PUT presence/{userId}/status" => """{"presence":"online","status_msg":"s"}""",
            "PUT user/{userId}/rooms/{roomId}/tags/{tag}" => """{"order":0.5}""",
            "PUT directory/room/{roomAlias}" => $$$"""{"room_id":"{{{room}}}"}""",
            "PUT directory/list/room/{roomId}" => """{"visibility":"private"}""",
            "POST publicRooms" => """{"limit":1,"since":"p0","filter":{"generic_search_term":"x","room_types":["m.space"]},"include_all_networks":false,"third_party_instance_id":"x"}""",
            "POST pushers/set" => """{"kind":"http","app_id":"a","pushkey":"k","app_display_name":"a","device_display_name":"d","profile_tag":"p","lang":"en","data":{"url":"https://push.example/_matrix/push/v1/notify","format":"event_id_only"},"append":true,"org.matrix.msc3881.enabled":true}""",
            "POST /_matrix/push/v1/notify" => """{"notification":{"event_id":"$e","room_id":"!r:x","prio":"high","counts":{"unread":1},"devices":[{"app_id":"a","pushkey":"k","data":{"endpoint":"https://push.example/","auth":"x"}}]}}""",
            "POST /_matrix/client/unstable/chat.causeway.push/test" => """{"app_id":"a","pushkey":"k"}""",
            "PUT pushrules/global/{kind}/{ruleId}" => """{"actions":["notify"],"pattern":"x","conditions":[{"kind":"event_match","key":"a","pattern":"b"}]}""",
            "PUT pushrules/global/{kind}/{ruleId}/enabled" => """{"enabled":true}""",
            "PUT pushrules/global/{kind}/{ruleId}/actions" => """{"actions":["notify"]}""",
            "POST rooms/{roomId}/upgrade" => $$$"""{"new_version":"12","additional_creators":["{{{user}}}"]}""",
            "POST rooms/{roomId}/report" or "POST rooms/{roomId}/report/{eventId}" or "POST users/{userId}/report" => """{"reason":"r"}""",
            "PUT /_matrix/client/unstable/uk.tcpip.msc4133/profile/{userId}/{keyName}" => """{"displayname":"n"}""",
            "POST /_synapse/admin/v1/send_server_notice" or "PUT /_synapse/admin/v1/send_server_notice/{txnId}" => $$$"""{"user_id":"{{{user}}}","type":"m.room.message","state_key":null,"content":{"msgtype":"m.text","body":"b"}}""",
            "PUT /_matrix/client/unstable/org.matrix.msc4140/rooms/{roomId}/delayed_event/{eventType}/{txnId}" => """{"delay_ms":1000,"state_key":"","content":{"body":"b"}}""",
            "POST /_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}" => """{"action":"cancel"}""",
            "PUT /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device" => $$$$$"""{"device_id":"D","device_data":{"algorithm":"a"},"initial_device_display_name":"n","device_keys":{"user_id":"{{{{{user}}}}}","device_id":"D","algorithms":["a"],"keys":{"ed25519:D":"x","curve25519:D":"x"},"signatures":{"{{{{{user}}}}}":{"ed25519:D":"x"}}},"one_time_keys":{"signed_curve25519:A":{"key":"x","signatures":{}}},"fallback_keys":{"signed_curve25519:A":{"key":"x","signatures":{}}}}""",
            "POST /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device/{deviceId}/events" => """{"next_batch":"d1"}""",
            "PUT /_matrix/client/v1/admin/lock/{userId}" => """{"locked":true}""",
            "PUT /_matrix/client/v1/admin/suspend/{userId}" => """{"suspended":true}""",
            "POST /_synapse/admin/v1/register" => """{"nonce":"n","username":"u","password":"p","admin":false,"mac":"m","user_type":"x","inhibit_login":true}""",
            "POST keys/upload" => $$$$$$$$"""{"device_keys":{"user_id":"{{{{{{{{user}}}}}}}}","device_id":"D","algorithms":["a"],"keys":{"ed25519:D":"x"},"signatures":{"{{{{{{{{user}}}}}}}}":{"ed25519:D":"x"}}},"one_time_keys":{"signed_curve25519:A":{"key":"x","signatures":{"{{{{{{{{user}}}}}}}}":{"ed25519:D":"x"}}}},"fallback_keys":{"signed_curve25519:A":{"key":"x","fallback":true,"signatures":{}}}}""",
            "POST keys/query" => $$$$$$$$"""{"timeout":10,"device_keys":{"{{{{{{{{user}}}}}}}}":["D"]}}""",
            "POST keys/claim" => $$$$$$$$"""{"timeout":10,"one_time_keys":{"{{{{{{{{user}}}}}}}}":{"D":"signed_curve25519"}}}""",
            "POST keys/device_signing/upload" => $$$$$$$$"""{"master_key":{"user_id":"{{{{{{{{user}}}}}}}}","usage":["master"],"keys":{"ed25519:x":"x"}},"self_signing_key":{"user_id":"{{{{{{{{user}}}}}}}}","usage":["self_signing"],"keys":{"ed25519:x":"x"},"signatures":{"{{{{{{{{user}}}}}}}}":{"ed25519:x":"x"}}},"user_signing_key":{"user_id":"{{{{{{{{user}}}}}}}}","usage":["user_signing"],"keys":{"ed25519:x":"x"},"signatures":{}}}""",
            "POST keys/signatures/upload" => $$$$$$$$"""{"{{{{{{{{user}}}}}}}}":{"D":{"user_id":"{{{{{{{{user}}}}}}}}","device_id":"D","algorithms":[],"keys":{"ed25519:D":"x"},"signatures":{"{{{{{{{{user}}}}}}}}":{"ed25519:x":"x"}}}}}""",
            "PUT sendToDevice/{eventType}/{txnId}" => $$$$$$$$"""{"messages":{"{{{{{{{{user}}}}}}}}":{"*":{"a":1}}}}""",
            "POST room_keys/version" or "PUT room_keys/version/{version}" => """{"algorithm":"m.megolm_backup.v1.curve25519-aes-sha2","version":"1","auth_data":{"public_key":"x","signatures":{}}}""",
            "PUT room_keys/keys" => $$$$$$$$"""{"rooms":{"{{{{{{{{room}}}}}}}}":{"sessions":{"s":{"first_message_index":1,"forwarded_count":0,"is_verified":true,"session_data":{"a":"b"}}}}}}""",
            "PUT room_keys/keys/{roomId}" => """{"sessions":{"s":{"first_message_index":1,"forwarded_count":0,"is_verified":true,"session_data":{"a":"b"}}}}""",
            "PUT room_keys/keys/{roomId}/{sessionId}" => """{"first_message_index":1,"forwarded_count":0,"is_verified":true,"session_data":{"a":"b"}}""",
            "POST /_matrix/client/unstable/org.matrix.simplified_msc3575/sync" => $$$$$$$$"""{"conn_id":"c","txn_id":"t","lists":{"all":{"ranges":[[0,9]],"timeline_limit":5,"required_state":[["m.room.name",""],["m.room.member","$LAZY"]],"filters":{"is_dm":false,"spaces":["{{{{{{{{room}}}}}}}}"],"is_encrypted":false,"is_invite":false,"room_types":[null],"not_room_types":["m.space"],"tags":["a"],"not_tags":["b"],"room_name_like":"x"}}},"room_subscriptions":{"{{{{{{{{room}}}}}}}}":{"timeline_limit":5,"required_state":[["*","*"]]}},"extensions":{"to_device":{"enabled":true,"limit":10,"since":"t1"},"e2ee":{"enabled":true},"account_data":{"enabled":true,"lists":["all"],"rooms":["*"]},"receipts":{"enabled":true,"lists":["all"],"rooms":["*"]},"typing":{"enabled":true,"lists":["all"],"rooms":["{{{{{{{{room}}}}}}}}"]}}}""",
            _ => """{"reason":"r","membership":"join","content":{"a":1}}""",
        };
}
